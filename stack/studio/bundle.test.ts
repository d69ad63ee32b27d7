import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadBundle } from "./bundle.ts";

const load = createRequire(import.meta.url);
const bundle = loadBundle();
const script = bundle.assets.get(bundle.script)?.bytes.toString("utf8") ?? "";

test("the package is the one that was looked at, pinned exactly", () => {
  const manifest = z.object({ devDependencies: z.record(z.string(), z.string()) });
  const { devDependencies } = manifest.parse(JSON.parse(readFileSync(load.resolve("../../package.json"), "utf8")));
  expect(devDependencies["@supabase/lite"]).toBe("0.10.0");
  const installed = load.resolve("@supabase/lite/dist/manifest.json").replace(/dist.*$/, "package.json");
  expect(z.object({ version: z.string() }).parse(JSON.parse(readFileSync(installed, "utf8"))).version).toBe("0.10.0");
});

test.each([
  ["where it asks what it may do", "/_system/info`"],
  ["where it asks for the catalog", "_system.introspect.$get()"],
  ["what it calls the address of a table", '"/editor/"'],
  ["that it speaks of itself as an admin", ".admin===!0"],
  ["how it reads rows", '.select("*")'],
  ["how it changes one row", ".update("],
  ["how it finds a table's key", "primary_keys.find("],
  ["that a row is addressed by its id", ".eq(ue.columns[0],de.id)"],
])("the editor still says %s", (_, member) => {
  expect(script).toContain(member);
});

test("only what the manifest names is served, and all of it is there", () => {
  expect(bundle.script).toMatch(/^assets\/main-.*\.js$/);
  expect(bundle.styles).toHaveLength(1);
  for (const { bytes } of bundle.assets.values()) expect(bytes.length).toBeGreaterThan(1000);
  const styles = bundle.styles.map((name) => bundle.assets.get(name)?.bytes.toString("utf8") ?? "").join();
  const fonts = [...styles.matchAll(/url\(([^)]*)\)/g)]
    .map(([, url = ""]) => url)
    .filter((url) => /\.(woff2?|png|svg)$/.test(url));
  expect(fonts).not.toHaveLength(0);
  for (const font of fonts) expect([...bundle.assets.keys()]).toContain(`assets/${font.replace(/^.*\//, "")}`);
});
