import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestProject, type TestProject } from "./testing/test-project.ts";

const files = {
  "deno.json": `{ "imports": { "greeting": "./_shared/greeting.ts" } }`,
  "_shared/greeting.ts": `export const greeting = "shared";`,
  "_shared/other.ts": `export const greeting = "other";`,
  "shared/index.ts": `import { greeting } from "greeting"; Deno.serve(() => new Response(greeting));`,
  "own/deno.json": `{ "imports": { "greeting": "./greeting.ts" }, "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "npm:hono@4.13.19/jsx" } }`,
  "own/greeting.ts": `export const greeting = "own";`,
  "own/index.ts": `import { greeting } from "greeting"; Deno.serve(() => new Response(greeting));`,
  "mapped/maps/import_map.json": `{ "imports": { "greeting": "../../_shared/other.ts" } }`,
  "mapped/index.ts": `import { greeting } from "greeting"; Deno.serve(() => new Response(greeting));`,
  "elsewhere/main.js": `export default { fetch: () => new Response("elsewhere") };`,
  "static/index.ts": `
const read = async (path) => { try { return await Deno.readTextFile(new URL(path, import.meta.url)); } catch (error) { return error.name; } };
Deno.serve(async () => Response.json(await Promise.all(["./page.html", "../../texts/letter.txt", "../../texts/other.md", Deno.env.get("OUTSIDE")].map(read))));`,
  "static/page.html": "<p>page</p>",
  "vars/index.ts": `Deno.serve(() => Response.json([Deno.env.get("OWN"), Deno.env.get("SUPABASE_FUNCTION_SLUG")]));`,
  "off/index.ts": `Deno.serve(() => new Response("never"));`,
};

let project: TestProject;
let outside: string;
beforeAll(() => {
  project = createTestProject(files, {
    config: `project_id = "test"
[functions.shared]
verify_jwt = false
[functions.own]
verify_jwt = false
[functions.mapped]
verify_jwt = false
import_map = "./functions/mapped/maps/import_map.json"
[functions.declared]
verify_jwt = false
entrypoint = "./functions/elsewhere/main.js"
[functions.static]
verify_jwt = false
static_files = ["./texts/*.txt", "./functions/static/*.html", "../../*.txt"]
[functions.vars]
verify_jwt = false
env = { OWN = "set", SUPABASE_FUNCTION_SLUG = "forged" }
[functions.off]
enabled = false
verify_jwt = false
`,
  });
  const { projectDir } = project.ctx;
  mkdirSync(join(projectDir, "supabase/texts"), { recursive: true });
  writeFileSync(join(projectDir, "supabase/texts/letter.txt"), "letter");
  writeFileSync(join(projectDir, "supabase/texts/other.md"), "other");
  outside = `${projectDir}.txt`;
  writeFileSync(outside, "outside");
  project.write("static/.env", `OUTSIDE=${pathToFileURL(outside)}`);
});
afterAll(async () => {
  rmSync(outside, { force: true });
  await project?.close();
});

const text = async (slug: string) => (await project.call(`/${slug}`)).text();

describe("settings of a function", () => {
  test("its own deno.json comes before the common one, and a named import map before both", async () => {
    expect(await text("shared")).toBe("shared");
    expect(await text("own")).toBe("own");
    expect(await text("mapped")).toBe("other");
  });

  test("entrypoint may lie anywhere and be JavaScript", async () => {
    expect(await text("declared")).toBe("elsewhere");
  });

  test("static_files may be read, and nothing beside them or outside the project", async () => {
    const read = await (await project.call("/static")).json();
    expect(read).toEqual(["<p>page</p>", "letter", "NotCapable", "NotCapable"]);
  });

  test("env is set, and cannot take the platform's names", async () => {
    expect(await (await project.call("/vars")).json()).toEqual(["set", "vars"]);
  });

  test("function that is not enabled is not there", async () => {
    expect((await project.call("/off")).status).toBe(404);
  });
});
