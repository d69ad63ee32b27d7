import { type Line, milliseconds, printTable } from "../support/results.ts";
import type { Found } from "./measure.ts";
import type { Register } from "./register.ts";

export interface Compared {
  who: string;
  what: string;
  large: Found;
  tenth: Found;
}

/** The blueprint's RLS budget: 1.25 times the query by hand, plus half a millisecond. */
const budget = ({ byHand }: Found) => 1.25 * byHand + 0.5;
const MOST_GROWTH = 1.5;
const MOST_INSERTS = 3;

function budgetLine({ who, what }: Compared, found: Found): Line {
  const { rows, asUser, byHand } = found;
  const cells = [who, what, String(rows), milliseconds(asUser), milliseconds(byHand)];
  cells.push((asUser / byHand).toFixed(2), milliseconds(budget(found)));
  return { cells, within: asUser <= budget(found) };
}

export function printCases(compared: Compared[], runs: number): void {
  const head = ["who", "what", "rows", "as user", "by hand", "ratio", "budget"];
  const title = (size: string) => `${size}: ms of database time, median of ${runs} interleaved runs`;
  printTable(
    title("Full size"),
    head,
    compared.map((each) => budgetLine(each, each.large)),
  );
  printTable(
    title("A tenth"),
    head,
    compared.map((each) => budgetLine(each, each.tenth)),
  );
  printTable(
    "As the user at full size beside a tenth",
    ["who", "what", "full size", "a tenth", "ratio", "at most"],
    compared.map(({ who, what, large, tenth }) => {
      const ratio = large.asUser / tenth.asUser;
      const cells = [who, what, milliseconds(large.asUser), milliseconds(tenth.asUser), ratio.toFixed(2)];
      return { cells: [...cells, MOST_GROWTH.toFixed(2)], within: ratio <= MOST_GROWTH };
    }),
  );
}

export function printRegister(registers: Register[], runs: number): void {
  printTable(
    `A register of 40 in one call, ms, median of ${runs} interleaved runs`,
    ["size", "call", "insert", "ratio", "at most", "bare insert", "ratio"],
    registers.map(({ call, insert, bare }, i) => ({
      cells: [
        i === 0 ? "full size" : "a tenth",
        milliseconds(call),
        milliseconds(insert),
        (call / insert).toFixed(2),
        MOST_INSERTS.toFixed(2),
        milliseconds(bare),
        (call / bare).toFixed(2),
      ],
      within: call <= MOST_INSERTS * insert,
    })),
  );
}
