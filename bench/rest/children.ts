import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { type LoadOptions, type LoadResult, loadResult, type ServerOptions } from "./page.ts";

const program = (name: string) => path.join(import.meta.dirname, `${name}.ts`);

/** Runs a server in a process of its own until it is disposed of. */
export async function startServer(
  name: "serve-stack" | "serve-bare",
  options: ServerOptions,
): Promise<AsyncDisposable> {
  const child: ChildProcess = spawn(process.execPath, [program(name), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const ready = child.stdout ? once(child.stdout, "data") : ended;
  await Promise.race([
    ready,
    ended.then(([code]) => {
      throw new Error(`Cannot start ${name}: it ended with exit code ${code}`);
    }),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export function load(options: LoadOptions): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program("load"), JSON.stringify(options)], (error, stdout) => {
      if (error) reject(error);
      else resolve(loadResult.parse(JSON.parse(stdout)));
    });
  });
}
