import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const NODE_MODULES = join(import.meta.dirname, "../../node_modules");
const PRELOAD = join(import.meta.dirname, "runtime/preload.js");
const MEMORY_MB = 256;

/** The binary of this platform's package: npm may have been told to run no install scripts, so `deno` itself may not link to it. */
export function denoBinary(): string {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const manifest = createRequire(import.meta.url).resolve(
    `@deno/${process.platform}-${process.arch}${libc}/package.json`,
  );
  return join(dirname(manifest), name);
}

/** Packages come from node_modules and from nowhere else. */
export const offlineFlags = ["--no-prompt", "--cached-only", "--no-remote", "--node-modules-dir=manual", "--no-lock"];

export interface DenoProcessOptions {
  entrypoint: string;
  importMap: string | null;
  staticFiles: string[];
  functionsDir: string;
  cacheDir: string;
  /** File descriptor that receives standard output and error. */
  output: number;
  cpuSeconds: number;
}

/** Every place where secrets lie as text inside the folder that functions may read. */
function secretFiles(functionsDir: string): string[] {
  const folders = readdirSync(functionsDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [functionsDir, ...folders.map((entry) => join(functionsDir, entry.name))].map((folder) =>
    join(folder, ".env"),
  );
}

/** A bare import map is no configuration, and stands alone where it is in force. */
function configFlags(importMap: string | null): string[] {
  if (importMap === null) return [];
  return /^deno\.jsonc?$/.test(basename(importMap))
    ? [`--config=${importMap}`]
    : ["--no-config", `--import-map=${importMap}`];
}

/** A function's process: network, its own environment, its code and the packages; no writing, no subprocesses, no foreign code. */
export function spawnDeno(options: DenoProcessOptions): ChildProcess {
  const { functionsDir, entrypoint, importMap, staticFiles } = options;
  const command = [
    denoBinary(),
    "run",
    ...offlineFlags,
    // Without it request.signal also fires after every answer, and each log begins with a warning about that.
    "--unstable-no-legacy-abort",
    "--allow-net",
    "--allow-env",
    `--allow-read=${[functionsDir, dirname(entrypoint), NODE_MODULES, ...staticFiles].join(",")}`,
    `--deny-read=${secretFiles(functionsDir).join(",")}`,
    `--v8-flags=--max-old-space-size=${MEMORY_MB}`,
    `--preload=${PRELOAD}`,
    ...configFlags(importMap),
    entrypoint,
  ];
  // The kernel ends a function that spins even when the stack is no longer there to do so.
  const limited =
    process.platform === "win32"
      ? command
      : ["/bin/sh", "-c", 'ulimit -t "$0"; exec "$@"', String(options.cpuSeconds), ...command];
  const [file = "", ...args] = limited;
  return spawn(file, args, {
    cwd: functionsDir,
    env: { DENO_DIR: options.cacheDir, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdio: ["ignore", options.output, options.output, "ipc"],
  });
}
