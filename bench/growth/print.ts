import { type Line, milliseconds, printTable } from "../support/results.ts";
import type { Found } from "./measure.ts";

export interface Measured {
  page: string;
  who: string;
  found: Found;
}

/** The blueprint's RLS budget: 1.25 times the page by hand, plus half a millisecond. */
const budget = (byHand: number) => 1.25 * byHand + 0.5;
const MOST_AGGREGATES = 3;

function pageLine({ page, who, found: { asUser, byHand } }: Measured): Line {
  const cells = [page, who, milliseconds(asUser), milliseconds(byHand), (asUser / byHand).toFixed(2)];
  return { cells: [...cells, milliseconds(budget(byHand))], within: asUser <= budget(byHand) };
}

function aggregateLines({ page, who, found: { asUser, aggregate } }: Measured): Line[] {
  return Object.entries(aggregate ?? {}).map(([side, taken]) => ({
    cells: [
      ...[page, who, side === "asUser" ? "as the user" : "by hand", milliseconds(taken)],
      ...[(asUser / taken).toFixed(2), MOST_AGGREGATES.toFixed(2)],
    ],
    within: asUser <= MOST_AGGREGATES * taken,
  }));
}

export function printPages(measured: Measured[], runs: number): void {
  printTable(
    `Pages, ms of database time, median of ${runs} interleaved runs`,
    ["page", "who", "as user", "by hand", "ratio", "budget"],
    measured.map(pageLine),
  );
  printTable(
    "The team page beside the largest of its aggregates, the year's ratings by teacher",
    ["page", "who", "aggregate", "ms", "ratio", "at most"],
    measured.flatMap(aggregateLines),
  );
  printTable(
    "The first call of a connection, plans and all, ms",
    ["page", "who", "as user", "by hand"],
    measured.map(({ page, who, found: { firstAsUser, firstByHand } }) => ({
      cells: [page, who, milliseconds(firstAsUser), milliseconds(firstByHand)],
      within: null,
    })),
  );
}
