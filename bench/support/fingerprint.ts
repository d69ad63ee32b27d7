import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Names the very schema and generator that data came from: figures of an older one would be about something else. */
export function fingerprint(projectDir: string, size: number, generators: string[]): string {
  const hash = createHash("sha256").update(String(size));
  for (const folder of ["supabase/migrations", ...generators]) {
    for (const name of readdirSync(path.join(projectDir, folder)).sort()) {
      hash.update(name).update(readFileSync(path.join(projectDir, folder, name)));
    }
  }
  return hash.digest("hex");
}
