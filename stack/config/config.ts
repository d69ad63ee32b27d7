import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import type { z } from "zod";
import { configEnvironment, environmentName, substituteEnvironment } from "./environment.ts";
import { unsupportedSettings } from "./limits.ts";
import { type Config, configSchema } from "./schema.ts";

export type { Config };

export interface LoadedConfig {
  config: Config;
  /** What a reader of config.toml might expect, but the embedded stack does not do. */
  notices: string[];
}

type Table = Record<string, unknown>;

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(table: Table, at: PropertyKey[], keys: string[]): Table {
  const [first, ...rest] = at;
  if (first === undefined) return Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key)));
  const child = table[String(first)];
  return isTable(child) ? { ...table, [first]: without(child, rest, keys) } : table;
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join(".") || "the file"}: ${issue.message}`;
}

/** Checks the tables of config.toml; unknown names are reported and skipped, wrong types are refused. */
export function readConfig(tables: Table): LoadedConfig {
  const notices: string[] = [];
  let known = tables;
  for (;;) {
    const result = configSchema.safeParse(known);
    if (result.success) return { config: result.data, notices: [...notices, ...unsupportedSettings(result.data)] };
    const unknown = result.error.issues.filter((issue) => issue.code === "unrecognized_keys");
    const wrong = result.error.issues.filter((issue) => issue.code !== "unrecognized_keys");
    if (wrong.length > 0) throw new Error(`Cannot read config.toml: ${wrong.map(describe).join("; ")}`);
    for (const { path: at, keys } of unknown) {
      for (const key of keys) notices.push(`${[...at, key].join(".")} is not known, and ignored`);
      known = without(known, at, keys);
    }
  }
}

/** Secrets whose variable is not set are left out, rather than kept as the text `env(NAME)`. */
function onlySet(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => environmentName(value) === undefined));
}

/** Reads supabase/config.toml of a project, the stack's only configuration. */
export function loadConfig(projectDir: string): LoadedConfig {
  const file = path.join(projectDir, "supabase", "config.toml");
  let tables: unknown;
  try {
    tables = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const environment = configEnvironment(projectDir);
  const missing: string[] = [];
  const substituted = substituteEnvironment(tables, (name, at) => {
    const value = environment[name];
    if (value === undefined) missing.push(`${at} is not set, because the environment has no ${name}`);
    return value;
  });
  const { config, notices } = readConfig(isTable(substituted) ? substituted : {});
  config.db.vault = onlySet(config.db.vault);
  config.edge_runtime.secrets = onlySet(config.edge_runtime.secrets);
  return { config, notices: [...missing, ...notices] };
}
