import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Binaries } from "../../stack/postgres/binaries.ts";
import { placeShim } from "../../stack/postgres/extensions.ts";

const major = 15;
const packages = ["postgresql-15", "postgresql-15-cron", "postgresql-15-pgtap"];
const libraries = `/usr/lib/postgresql/${major}`;
const share = `/usr/share/postgresql/${major}`;

function missing(): string[] {
  const marks = [`${libraries}/bin/postgres`, `${libraries}/lib/pg_cron.so`, `${share}/extension/pgtap.control`];
  return packages.filter((_, index) => !existsSync(marks[index] ?? ""));
}

/** Installs what is missing where that is possible; otherwise says what to install. */
export function ensurePackages(): void {
  const absent = missing();
  if (absent.length === 0) return;
  const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (canInstall) {
    process.stdout.write(`  · Installing ${absent.join(", ")}\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const args of [["update"], ["install", "--yes", "--no-install-recommends", ...absent]]) {
      const { status, stderr } = spawnSync("apt-get", ["-q", ...args], { env, encoding: "utf8" });
      if (status !== 0) throw new Error(`Cannot install ${absent.join(", ")}:\n${stderr.trim()}`);
    }
  }
  const still = missing();
  if (still.length > 0) {
    throw new Error(
      `Cannot test against the real extensions: ${still.join(", ")} are missing. ` +
        "Install them on Debian 12 with apt-get, or run this command as root there",
    );
  }
}

/** Lets `postgres` create it, as Supabase does by another way. */
function trust(control: string): void {
  const text = readFileSync(control, "utf8");
  if (!/^\s*trusted\s*=/m.test(text)) writeFileSync(control, `${text.trimEnd()}\ntrusted = true\n`);
}

/**
 * A copy of Debian's PostgreSQL with its real pg_cron and pgTAP. What Debian has no package for is ours; a copy,
 * because the system's own folders are not ours to change.
 */
export function debianPostgres(folder: string): Binaries {
  rmSync(folder, { recursive: true, force: true });
  const copy = (from: string) => {
    const to = path.join(folder, path.relative("/usr", from));
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true, dereference: true, filter: (file) => !file.includes("/bitcode") });
    return to;
  };
  const bin = path.join(copy(libraries), "bin");
  const extensionDir = path.join(copy(share), "extension");
  for (const name of ["pg_net", "supabase_vault", "pgmq"]) placeShim(extensionDir, name);
  for (const name of ["pgtap", "pg_stat_statements"]) trust(path.join(extensionDir, `${name}.control`));
  return {
    initdb: path.join(bin, "initdb"),
    postgres: path.join(bin, "postgres"),
    pgCtl: path.join(bin, "pg_ctl"),
    major,
    extensionDir,
  };
}
