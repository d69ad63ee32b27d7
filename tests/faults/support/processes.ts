import { execFileSync } from "node:child_process";
import { processStart } from "../../../stack/lock.ts";

/** A process, told apart from a later one with the same id. */
export interface Process {
  pid: number;
  started: string;
}

/** Everything that runs below a process at this moment, and the process itself. */
export function familyOf(pid: number): Process[] {
  const parents = new Map<number, number>();
  for (const row of execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n")) {
    const [child = 0, parent = 0] = row.trim().split(/\s+/).map(Number);
    parents.set(child, parent);
  }
  const belongs = (child: number): boolean => child === pid || (parents.has(child) && belongs(parents.get(child) ?? 0));
  return [...parents.keys()].filter(belongs).flatMap((member) => {
    const started = processStart(member);
    return started === null ? [] : [{ pid: member, started }];
  });
}

export function alive(processes: Process[]): Process[] {
  return processes.filter(({ pid, started }) => processStart(pid) === started);
}
