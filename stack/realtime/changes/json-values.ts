import type pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import { arrayLiteral } from "./array-literal.ts";

type Convert = (text: string) => string;

const asNumber: Convert = (text) => {
  if (!/^-?\d/.test(text)) return JSON.stringify(text);
  return text === "-0" ? "0" : text;
};
const asTimestamp: Convert = (text) => JSON.stringify(text.replace(" ", "T"));
// Minutes are always there in JSON: +00:00 where the text has +00.
const asTimestampWithZone: Convert = (text) =>
  JSON.stringify(text.replace(" ", "T").replace(/([+-]\d\d)(?=$| BC)/, "$1:00"));

/** By the OID of a built-in type; every other built-in scalar becomes a string. */
const CONVERSIONS: Record<number, Convert> = {
  // Bare hex digits: the one type of which Supabase does not tell what to_jsonb makes.
  17: (text) => JSON.stringify(text.slice(2)),
  16: (text) => (text === "t" ? "true" : "false"),
  20: asNumber,
  21: asNumber,
  23: asNumber,
  700: asNumber,
  701: asNumber,
  1700: asNumber,
  1114: asTimestamp,
  1184: asTimestampWithZone,
  114: (text) => text,
  3802: (text) => text,
};

const types = z.array(z.object({ oid: z.number(), sqlType: z.string(), isPlain: z.boolean() }));

// Plain: to_jsonb makes a string of it. A type of an extension or a project may bring a cast to json instead.
const TYPES = `
  select t.oid, pg_catalog.format('%I.%I', n.nspname, t.typname) as "sqlType",
    t.typtype in ('e', 'r', 'm') or t.typtype = 'b' and t.typcategory <> 'A' and t.oid < 16384 as "isPlain"
  from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where t.oid = any ($1::oid[])`;

export interface TypedText {
  typeOid: number;
  text: string;
}

/** Turns values into the JSON that Postgres's to_jsonb makes of them, without ever holding a number as a float. */
export class JsonValues {
  private readonly pool: pg.Pool;
  private readonly log: Logger;
  private readonly sqlTypes = new Map<number, string>();
  private readonly plain = new Set<number>();
  private converted = new Map<number, Map<string, string>>();

  constructor(pool: pg.Pool, log: Logger) {
    this.pool = pool;
    this.log = log;
  }

  /** Asks Postgres for what cannot be told from the type alone; `get` knows these values until the next call. */
  async prepare(values: Iterable<TypedText>): Promise<void> {
    this.converted = new Map();
    const wanted = new Map<number, Set<string>>();
    for (const { typeOid, text } of values) {
      if (CONVERSIONS[typeOid] || this.plain.has(typeOid)) continue;
      const texts = wanted.get(typeOid) ?? new Set();
      wanted.set(typeOid, texts.add(text));
    }
    await this.learnTypes([...wanted.keys()]);
    for (const [typeOid, texts] of wanted) {
      const sqlType = this.sqlTypes.get(typeOid);
      if (!sqlType) continue;
      try {
        this.converted.set(typeOid, await this.convert(sqlType, [...texts]));
      } catch (error) {
        // The type has changed since the row was written: its text is what is left.
        this.log.warn({ err: error, type: sqlType }, "Cannot convert values to JSON");
      }
    }
  }

  get({ typeOid, text }: TypedText): string {
    return CONVERSIONS[typeOid]?.(text) ?? this.converted.get(typeOid)?.get(text) ?? JSON.stringify(text);
  }

  private async learnTypes(oids: number[]): Promise<void> {
    const unknown = oids.filter((oid) => !this.sqlTypes.has(oid));
    if (unknown.length === 0) return;
    const { rows } = await this.pool.query(TYPES, [unknown]);
    for (const { oid, sqlType, isPlain } of types.parse(rows)) {
      if (isPlain) this.plain.add(oid);
      else this.sqlTypes.set(oid, sqlType);
    }
  }

  private async convert(sqlType: string, texts: string[]): Promise<Map<string, string>> {
    const { rows } = await this.pool.query<{ json: string | null }>(
      `select pg_catalog.to_jsonb(u.value::${sqlType})::text as json from pg_catalog.unnest($1::text[]) with ordinality u(value, n) order by n`,
      [arrayLiteral(texts)],
    );
    return new Map(texts.map((text, at) => [text, rows[at]?.json ?? "null"]));
  }
}
