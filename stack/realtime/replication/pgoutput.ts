import type { ColumnValue, Relation, RelationColumn, RowChange } from "./row-change.ts";

export type PgoutputMessage =
  | { kind: "begin" }
  | { kind: "commit"; endLsn: bigint }
  | { kind: "row"; change: RowChange }
  | { kind: "other" };

const MICROSECONDS_TO_2000 = 946_684_800_000_000n;
const OTHER: PgoutputMessage = { kind: "other" };

class Cursor {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  tag(): string {
    return String.fromCharCode(this.byte());
  }

  byte(): number {
    return this.buffer.readUInt8(this.at++);
  }

  int16(): number {
    this.at += 2;
    return this.buffer.readInt16BE(this.at - 2);
  }

  uint32(): number {
    this.at += 4;
    return this.buffer.readUInt32BE(this.at - 4);
  }

  int64(): bigint {
    this.at += 8;
    return this.buffer.readBigInt64BE(this.at - 8);
  }

  /** Ends with a zero byte. */
  name(): string {
    const end = this.buffer.indexOf(0, this.at);
    if (end < 0) throw new Error("Cannot read the replication stream: a name has no end");
    const text = this.buffer.toString("utf8", this.at, end);
    this.at = end + 1;
    return text;
  }

  text(length: number): string {
    this.at += length;
    return this.buffer.toString("utf8", this.at - length, this.at);
  }
}

/**
 * Reads pgoutput, protocol 1, with every value left as the text that Postgres sent: a parsed one would lose microseconds,
 * bigints and the scale of numerics.
 */
export class PgoutputDecoder {
  private readonly relations = new Map<number, Relation>();
  private committedAt = 0;

  decode(buffer: Buffer): PgoutputMessage {
    const cursor = new Cursor(buffer);
    switch (cursor.tag()) {
      case "B":
        cursor.int64();
        this.committedAt = Number((cursor.int64() + MICROSECONDS_TO_2000) / 1000n);
        return { kind: "begin" };
      case "C":
        cursor.byte();
        cursor.int64();
        return { kind: "commit", endLsn: cursor.int64() };
      case "R":
        this.relation(cursor);
        return OTHER;
      case "I":
        return { kind: "row", change: this.row("INSERT", cursor) };
      case "U":
        return { kind: "row", change: this.row("UPDATE", cursor) };
      case "D":
        return { kind: "row", change: this.row("DELETE", cursor) };
      default:
        return OTHER;
    }
  }

  private relation(cursor: Cursor): void {
    const oid = cursor.uint32();
    const schema = cursor.name();
    const table = cursor.name();
    cursor.byte();
    const columns = Array.from({ length: cursor.int16() }, (): RelationColumn => {
      const isKey = (cursor.byte() & 1) === 1;
      const name = cursor.name();
      const typeOid = cursor.uint32();
      cursor.uint32();
      return { name, typeOid, isKey };
    });
    this.relations.set(oid, { oid, schema: schema || "pg_catalog", table, columns });
  }

  private row(type: RowChange["type"], cursor: Cursor): RowChange {
    const oid = cursor.uint32();
    const relation = this.relations.get(oid);
    if (!relation) throw new Error(`Cannot read the replication stream: table ${oid} was not announced`);
    const change: RowChange = {
      type,
      relation,
      committedAt: this.committedAt,
      record: null,
      old: null,
      oldIsWhole: false,
      bytes: 0,
    };
    let part = cursor.tag();
    if (part === "K" || part === "O") {
      change.old = this.tuple(cursor, change);
      change.oldIsWhole = part === "O";
      if (type === "DELETE") return change;
      part = cursor.tag();
    }
    change.record = this.tuple(cursor, change);
    if (change.old && change.oldIsWhole) {
      const { old, record } = change;
      change.record = record.map((value, index) => (value === undefined ? old[index] : value));
    }
    return change;
  }

  private tuple(cursor: Cursor, change: RowChange): ColumnValue[] {
    return Array.from({ length: cursor.int16() }, (): ColumnValue => {
      const kind = cursor.tag();
      if (kind === "n") return null;
      if (kind === "u") return undefined;
      const length = cursor.uint32();
      change.bytes += length;
      return cursor.text(length);
    });
  }
}
