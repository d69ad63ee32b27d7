import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { env } from "../support/env.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = path.join(root, ".stack-test", "examples");
mkdirSync(folder, { recursive: true });

const pages = ["README.md", ...readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`)];
const blocks = (page: string, language: string) =>
  [...readFileSync(path.join(root, page), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");

test("the pages' examples compile against the generated types", () => {
  const typed = pages.filter((page) => blocks(page, "ts").length > 0);
  expect(typed).toContain("docs/applications.md");
  for (const page of typed) {
    const program = blocks(page, "ts").join("\n").replaceAll("./supabase/", "../../supabase/");
    writeFileSync(path.join(folder, `${path.basename(page, ".md")}.ts`), program);
  }
  const options = { extends: "../../tsconfig.json", compilerOptions: { noUnusedLocals: false }, include: ["*.ts"] };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(options));
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

/** The same program on the stack that is tested. */
const here = (program: string) =>
  program
    .replace(/http:\/\/127\.0\.0\.1:\d+/, env.SUPABASE_URL)
    .replace(/sb_publishable_[\w-]+/, env.SUPABASE_PUBLISHABLE_KEY);

test("the page for applications runs: no request names a table, column or function that is not there", () => {
  const program = here(blocks("docs/applications.md", "ts").join("\n")).replaceAll("./supabase/", "../../supabase/");
  const observed = `
    const answers: { url: string; code: string }[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (...request) => {
      const response = await fetch(...request);
      const code = response.ok ? "done" : ((await response.clone().json()) as { code: string }).code;
      answers.push({ url: response.url, code });
      return response;
    };`;
  const file = path.join(folder, "running.mts");
  writeFileSync(file, `${observed}\n${program}\nprocess.stdout.write(JSON.stringify(answers)); process.exit(0);`);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  const answers = z.array(z.object({ url: z.string(), code: z.string() })).parse(JSON.parse(stdout || stderr));
  expect(answers.length).toBeGreaterThan(10);
  // What a teacher may not do, or not at this hour, is refused by its own code.
  expect(answers.filter(({ code }) => code !== "done" && !code.startsWith("PT"))).toEqual([]);
});

test("the README's first query answers with a teacher's own observations", async () => {
  const [query = ""] = blocks("README.md", "js");
  const file = path.join(folder, "readme.mjs");
  writeFileSync(file, `${here(query)}\nexport { data, id };\n`);
  const { data, id } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  expect(data).toHaveLength(10);
  expect(data[0].observation_ratings.length).toBeGreaterThan(0);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
});
