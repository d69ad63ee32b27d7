import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { commandAs, giveTo, type ServerUser } from "./server-user.ts";

const run = promisify(execFile);

// C.UTF-8 is the same on every machine; Hebrew is sorted by the ICU collations that a column or query names. Which characters are
// letters pg_trgm asks the C library, by the ctype: in plain C none beyond ASCII is.
function localeArguments(major: number): string[] {
  const ctype = process.platform === "darwin" ? "en_US.UTF-8" : process.platform === "win32" ? "C" : "C.UTF-8";
  return major >= 17
    ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", `--lc-ctype=${ctype}`]
    : ["--locale-provider=libc", "--locale=C.UTF-8"];
}

function isFilled(dataDir: string): boolean {
  return existsSync(dataDir) && readdirSync(dataDir).length > 0;
}

function assertUsable(dataDir: string, major: number): void {
  const versionFile = path.join(dataDir, "PG_VERSION");
  if (!existsSync(versionFile)) {
    throw new Error(`Cannot use ${dataDir}: the folder is not empty and holds no PostgreSQL data`);
  }
  const version = readFileSync(versionFile, "utf8").trim();
  if (version !== String(major)) {
    throw new Error(`Cannot use ${dataDir}: it was made by PostgreSQL ${version}, this is ${major}; reset the stack`);
  }
}

/** Outside the database, like the root key of the real Vault: a dump or a SQL reader never sees it. */
function ensureVaultKey(dataDir: string, user: ServerUser): void {
  const file = path.join(dataDir, "vault.key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  giveTo(user, file);
}

/** Makes the data folder unless a whole one exists; true when it was made now. */
export async function ensureDataDir(dataDir: string, binaries: Binaries, user: ServerUser): Promise<boolean> {
  // The marker lies beside the folder, since initdb wants the folder empty.
  const marker = `${dataDir}.initialising`;
  if (existsSync(marker)) rmSync(dataDir, { recursive: true, force: true });
  if (isFilled(dataDir)) {
    assertUsable(dataDir, binaries.major);
    giveTo(user, dataDir);
    ensureVaultKey(dataDir, user);
    return false;
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  giveTo(user, dataDir);
  const passwordFile = `${dataDir}.password`;
  writeFileSync(marker, "");
  writeFileSync(passwordFile, "postgres\n", { mode: 0o600 });
  giveTo(user, passwordFile);
  try {
    const common = ["-D", dataDir, "-U", "supabase_admin", "-E", "UTF8", "--auth=scram-sha-256"];
    const rest = [`--pwfile=${passwordFile}`, "--no-sync", ...localeArguments(binaries.major)];
    const [command, args, account] = commandAs(user, binaries.initdb, [...common, ...rest]);
    await run(command, args, { cwd: path.parse(dataDir).root, ...account });
  } catch (cause) {
    throw new Error(`Cannot make the database cluster in ${dataDir}: ${String(cause)}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  ensureVaultKey(dataDir, user);
  rmSync(marker);
  return true;
}
