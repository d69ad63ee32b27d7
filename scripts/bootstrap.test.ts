import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.dirname(import.meta.dirname);
const lockText = '{ "name": "sample", "lockfileVersion": 3, "packages": {} }\n';

/** A project with the bootstrap, one command, and an npm that only notes that it was called. */
function project(): { folder: string; run: (...args: string[]) => { code: number | null; output: string } } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bootstrap-"));
  mkdirSync(path.join(folder, "scripts"));
  mkdirSync(path.join(folder, "node_modules"));
  const runtime = `node-${process.platform}-${process.arch}`;
  symlinkSync(path.join(root, "node_modules", runtime), path.join(folder, "node_modules", runtime));
  cpSync(path.join(import.meta.dirname, "bootstrap.mjs"), path.join(folder, "scripts", "bootstrap.mjs"));
  writeFileSync(path.join(folder, "package-lock.json"), lockText);
  writeFileSync(
    path.join(folder, "scripts", "status.ts"),
    'const said: string = process.argv.slice(2).join();\nconsole.log("said", said);\nprocess.exit(7);\n',
  );
  const npm = path.join(folder, "npm-cli.mjs");
  writeFileSync(
    npm,
    `import { appendFileSync, writeFileSync } from "node:fs";
     appendFileSync("calls.txt", process.argv.slice(2).join(" ") + "\\n");
     writeFileSync("package-lock.json", "changed by npm");
     process.exit(Number(process.env.NPM_FAILS ?? 0));`,
  );
  return {
    folder,
    run(...args) {
      const result = spawnSync(process.execPath, [path.join(folder, "scripts", "bootstrap.mjs"), ...args], {
        encoding: "utf8",
        env: { ...process.env, npm_execpath: npm, npm_node_execpath: process.execPath },
      });
      return { code: result.status, output: result.stdout + result.stderr };
    },
  };
}

function calls(folder: string): string[] {
  return readFileSync(path.join(folder, "calls.txt"), "utf8").trim().split("\n");
}

test("bootstrap installs once, keeps the lock file, and passes arguments and exit code on", () => {
  const { folder, run } = project();
  expect(run("status", "one", "two")).toMatchObject({ code: 7, output: expect.stringContaining("said one,two") });
  expect(calls(folder)).toEqual([expect.stringContaining("install --no-save --ignore-scripts --no-audit --no-fund")]);
  expect(readFileSync(path.join(folder, "package-lock.json"), "utf8")).toBe(lockText);
  run("status");
  expect(calls(folder)).toHaveLength(1);
});

test("bootstrap installs again when the lock file has changed", () => {
  const { folder, run } = project();
  run("status");
  writeFileSync(path.join(folder, "package-lock.json"), lockText.replace("sample", "other"));
  run("status");
  expect(calls(folder)).toHaveLength(2);
  const stamp = readFileSync(path.join(folder, "node_modules", ".bootstrap"), "utf8");
  const lock = readFileSync(path.join(folder, "package-lock.json"));
  expect(stamp).toContain(createHash("sha256").update(lock).digest("hex"));
});

test("bootstrap runs nothing after a failed install, and tries again next time", () => {
  const { folder, run } = project();
  process.env.NPM_FAILS = "3";
  const failed = run("status");
  delete process.env.NPM_FAILS;
  expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("Cannot install the dependencies") });
  expect(failed.output).not.toContain("said");
  expect(run("status").code).toBe(7);
  expect(calls(folder)).toHaveLength(2);
});

test("bootstrap takes over the install of a process that is gone", () => {
  const { folder, run } = project();
  mkdirSync(path.join(folder, ".stack"));
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(path.join(folder, ".stack", "install.lock"), String(gone));
  expect(run("status").code).toBe(7);
});

test("bootstrap refuses a command that does not exist", () => {
  const { run } = project();
  for (const name of ["nothing", "../escape", "options/x"]) {
    expect(run(name)).toMatchObject({ code: 1, output: expect.stringContaining("there is no such command") });
  }
});
