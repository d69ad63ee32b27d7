import { spawn } from "node:child_process";
import { projectDir } from "../options.ts";

export interface Finished {
  code: number;
  output: string;
}

/** Runs a program in the project's folder and keeps what it prints, in order. */
export function run(command: string, args: string[], env: NodeJS.Dict<string> = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8").trim() }));
  });
}
