import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import path from "node:path";

// Inside the repository, so that functions find its node_modules as they do where they belong.
const SCRATCH = path.resolve(import.meta.dirname, "../../.stack-test");

/** A new folder of the test's own, which it removes. */
export function scratchDir(name: string): string {
  mkdirSync(SCRATCH, { recursive: true });
  const dir = mkdtempSync(path.join(SCRATCH, `${name}-`));
  // The database's unprivileged user must be able to pass through, and mkdtemp lets nobody.
  chmodSync(dir, 0o711);
  return dir;
}
