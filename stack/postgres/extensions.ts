import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const shimDir = path.join(import.meta.dirname, "extensions");

/** Contrib modules that Supabase lets `postgres` install although PostgreSQL asks for a superuser. */
const trustedOnSupabase = ["autoinc", "bloom", "dict_xsyn", "earthdistance", "insert_username", "moddatetime"];
trustedOnSupabase.push("pg_stat_statements", "pgrowlocks", "refint");

function place(file: string, content: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === content) return;
  // Renamed into place: a server that runs beside this start never reads half a file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o644 });
  renameSync(draft, file);
}

function trusted(control: string): string {
  return /^\s*trusted\s*=/m.test(control) ? control : `${control.trimEnd()}\ntrusted = true\n`;
}

/** Regular files of a tar archive by base name. */
function untar(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; at + 512 <= archive.length; ) {
    const header = archive.subarray(at, at + 512);
    const name = header.subarray(0, 100).toString("utf8").replace(/\0.*$/s, "");
    if (name === "") break;
    const size = Number.parseInt(header.subarray(124, 136).toString("ascii"), 8);
    const content = archive.subarray(at + 512, at + 512 + size);
    if (header[156] === 0x30 || header[156] === 0) files.set(path.posix.basename(name), content.toString("utf8"));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function placePgTap(extensionDir: string): void {
  if (existsSync(path.join(extensionDir, "pgtap.control"))) return;
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite-pgtap");
  const files = untar(gunzipSync(readFileSync(path.join(path.dirname(entry), "pgtap.tar.gz"))));
  const control = files.get("pgtap.control");
  const version = /default_version\s*=\s*'([^']+)'/.exec(control ?? "")?.[1];
  const script = files.get(`pgtap--${version}.sql`);
  if (!control || !script) throw new Error("Cannot install pgTAP: its package holds no control file or script");
  place(path.join(extensionDir, `pgtap--${version}.sql`), script);
  place(path.join(extensionDir, "pgtap.control"), trusted(control));
}

/** Files of one SQL-only extension of ours, e.g. `pg_net`. */
export function shimFiles(name: string): string[] {
  return readdirSync(shimDir).filter((file) => file === `${name}.control` || file.startsWith(`${name}--`));
}

export function placeShim(extensionDir: string, name: string): void {
  for (const file of shimFiles(name)) {
    place(path.join(extensionDir, file), readFileSync(path.join(shimDir, file), "utf8"));
  }
}

/** Completes an installation so that `create extension` in a migration works as it does on Supabase. */
export function placeExtensions(extensionDir: string): void {
  for (const name of ["pg_cron", "pg_net", "supabase_vault", "pgmq"]) placeShim(extensionDir, name);
  placePgTap(extensionDir);
  for (const name of trustedOnSupabase) {
    const control = path.join(extensionDir, `${name}.control`);
    if (existsSync(control)) place(control, trusted(readFileSync(control, "utf8")));
  }
}
