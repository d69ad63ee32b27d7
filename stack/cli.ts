import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { StatePaths } from "./state.ts";

const packages: Record<string, string> = {
  "darwin-arm64": "@supabase/cli-darwin-arm64",
  "darwin-x64": "@supabase/cli-darwin-x64",
  "linux-arm64": "@supabase/cli-linux-arm64",
  "linux-x64": "@supabase/cli-linux-x64",
  "win32-arm64": "@supabase/cli-windows-arm64",
  "win32-x64": "@supabase/cli-windows-x64",
};

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The official CLI against one database, by URL; its flags are known in this file alone. */
export interface SupabaseCli {
  /** Applies what is pending; with `seed`, the seed files as well. */
  push(options: { seed: boolean; roles: boolean }): Promise<CliResult>;
  genTypes(schemas: string[]): Promise<CliResult>;
  advisors(failOn: "none" | "info" | "warn" | "error"): Promise<CliResult>;
  query(args: string[]): Promise<CliResult>;
}

/** Called directly: the package's own launcher expects an install script to have run. */
function cliBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (!name) throw new Error(`Cannot run the Supabase CLI: there is none for ${platform}`);
  const fromHere = createRequire(import.meta.url);
  const manifest = createRequire(fromHere.resolve("supabase/package.json")).resolve(`${name}/package.json`);
  const binary = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "supabase.exe" : "supabase");
  if (!existsSync(binary)) throw new Error(`Cannot run the Supabase CLI: ${binary} is missing`);
  return binary;
}

export function supabaseCli(projectDir: string, paths: StatePaths, dbUrl: string): SupabaseCli {
  // Without sslmode its warning about TLS lands in stdout, in the middle of the generated types.
  const remote = `--remote=${dbUrl}?sslmode=disable`;
  const run = (args: string[]): Promise<CliResult> =>
    new Promise((resolve, reject) => {
      execFile(
        cliBinary(),
        [...args, remote, "--yes", "--agent=no", "--workdir", projectDir],
        {
          cwd: projectDir,
          env: { ...process.env, SUPABASE_HOME: paths.cliHome, SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
          maxBuffer: 64 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          if (error && typeof error.code !== "number") reject(error);
          else resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
        },
      );
    });
  return {
    push: ({ seed, roles }) =>
      run([
        "db",
        "push",
        "--include-all",
        "--skip-vault",
        ...(seed ? ["--include-seed"] : []),
        ...(roles ? ["--include-roles"] : []),
      ]),
    genTypes: (schemas) => run(["gen", "types", ...schemas.flatMap((schema) => ["--schema", schema])]),
    advisors: (failOn) =>
      run(["db", "advisors", "--type", "all", "--level", "info", "--fail-on", failOn, "--output-format", "json"]),
    query: (args) => run(["db", "query", ...args]),
  };
}
