import { parseArgs } from "node:util";

export interface BenchOptions {
  /** How much to generate: observations, unless the benchmark counts something else. */
  size: number;
  fresh: boolean;
  /** Measured runs of each statement; each benchmark has its own default. */
  runs: number | undefined;
}

function wholeNumber(text: string, name: string): number {
  const number = Number(text.replaceAll("_", ""));
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`Cannot use "${text}" as --${name}: give a whole number`);
  return number;
}

export function benchOptions(size = "1000000", args: string[] = process.argv.slice(2)): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: "string", default: size },
      fresh: { type: "boolean", default: false },
      runs: { type: "string" },
    },
  });
  return {
    size: wholeNumber(values.size, "size"),
    fresh: values.fresh,
    runs: values.runs === undefined ? undefined : wholeNumber(values.runs, "runs"),
  };
}
