export interface RelationColumn {
  name: string;
  typeOid: number;
  /** Part of what identifies a row to replication. */
  isKey: boolean;
}

export interface Relation {
  oid: number;
  schema: string;
  table: string;
  columns: RelationColumn[];
}

/** Text as Postgres prints it; undefined where the write-ahead log lacks a value: a large one that an update left alone. */
export type ColumnValue = string | null | undefined;

/** Values stand in the order of the relation's columns. */
export interface RowChange {
  type: "INSERT" | "UPDATE" | "DELETE";
  relation: Relation;
  /** Milliseconds. */
  committedAt: number;
  record: ColumnValue[] | null;
  old: ColumnValue[] | null;
  /** Whether `old` is a whole row (REPLICA IDENTITY FULL) and not just its key. */
  oldIsWhole: boolean;
  /** Length of all values. */
  bytes: number;
}
