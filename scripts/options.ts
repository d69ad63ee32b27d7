import path from "node:path";
import { parseArgs } from "node:util";

export const projectDir = path.dirname(import.meta.dirname);

/** Options that every command about a stack understands. */
export interface StackOptions {
  state: string | undefined;
  port: number | undefined;
  output: string | undefined;
  positionals: string[];
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000) {
    throw new Error(`Cannot use "${text}" as --port: give a number from 1024 to 65000`);
  }
  return port;
}

export function stackOptions(args: string[] = process.argv.slice(2)): StackOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { port: { type: "string" }, state: { type: "string" }, output: { type: "string", short: "o" } },
  });
  return { state: values.state, port: readPort(values.port), output: values.output, positionals };
}

/** Runs a command; what it throws is for a person to read. */
export async function command(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** How to run the program that an installed package ships, without the links that npm may not have made. */
export function nodeTool(program: string, args: string[]): [string, string[]] {
  return [process.execPath, [path.join(projectDir, "node_modules", program), ...args]];
}
