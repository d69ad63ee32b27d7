import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";

/** Where things lie in the state folder. Services choose their own names below it. */
export interface StatePaths {
  stateDir: string;
  dataDir: string;
  logFile: string;
  lockFile: string;
  appliedFile: string;
  /** Home of the official CLI. */
  cliHome: string;
}

/** The state folder, given relative to the project; it never leaves it. */
export function statePaths(projectDir: string, state = ".stack"): StatePaths {
  const stateDir = path.resolve(projectDir, state);
  const inside = path.relative(projectDir, stateDir);
  if (inside === "" || inside.startsWith("..") || path.isAbsolute(inside)) {
    throw new Error(`Cannot keep the state in "${state}": it must be a folder inside the project`);
  }
  const file = (name: string) => path.join(stateDir, name);
  return {
    stateDir,
    dataDir: file("db"),
    logFile: file("stack.log"),
    lockFile: file("stack.json"),
    appliedFile: file("applied.json"),
    cliHome: file("cli"),
  };
}

/** Makes the state folder; the database's user must be able to pass through it. */
export function ensureStateDir({ stateDir }: StatePaths): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
}

/** Deletes everything that the stack keeps. */
export function deleteState({ stateDir }: StatePaths): void {
  // The CLI's telemetry may still be writing to its home when the command itself has ended.
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
