import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { projectDir } from "../options.ts";

export interface Finished {
  code: number;
  output: string;
}

const children = new Set<ChildProcess>();

// A run that is told to stop takes the suites with it.
process.once("exit", () => {
  for (const child of children) child.kill();
});

function start(command: string, args: string[], stdio: SpawnOptions["stdio"], env: NodeJS.Dict<string>): ChildProcess {
  const child = spawn(command, args, { cwd: projectDir, stdio, env: { ...process.env, ...env } });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Runs a program in the project's folder and keeps what it prints, in order. */
export async function run(command: string, args: string[], env: NodeJS.Dict<string> = {}): Promise<Finished> {
  const child = start(command, args, ["ignore", "pipe", "pipe"], env);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await exitCode(child);
  return { code, output: Buffer.concat(chunks).toString("utf8").trim() };
}

/** Runs a program that shows its own progress; its exit code. */
export function runShown(command: string, args: string[], env: NodeJS.Dict<string>): Promise<number> {
  return exitCode(start(command, args, ["ignore", "inherit", "inherit"], env));
}
