import { parseArgs } from "node:util";

/** What is measured, and against which bars. */
export interface Plan {
  seconds: number;
  rooms: number;
  perRoom: number;
  /** Messages a second, over all rooms. */
  rate: number;
}

export const BARS = {
  p99: 100,
  /** The last minute against the second, when all that is made once has been made. */
  growth: 1.1,
};

function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`Cannot use "${text}" as --${name}: give a whole number`);
  return number;
}

export function readPlan(args: string[] = process.argv.slice(2)): Plan {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "300" },
      rooms: { type: "string", default: "50" },
      "per-room": { type: "string", default: "40" },
      rate: { type: "string", default: "200" },
    },
  });
  return {
    seconds: wholeNumber(values.seconds, "seconds"),
    rooms: wholeNumber(values.rooms, "rooms"),
    perRoom: wholeNumber(values["per-room"], "per-room"),
    rate: wholeNumber(values.rate, "rate"),
  };
}
