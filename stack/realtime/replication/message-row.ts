import type { MessageRow } from "../types.ts";
import type { RowChange } from "./row-change.ts";

/** Rows are announced under the day's partition. */
const MESSAGES = /^messages_\d{4}_\d{2}_\d{2}$/;

export function isMessage({ relation }: RowChange): boolean {
  return relation.schema === "realtime" && MESSAGES.test(relation.table);
}

/** An inserted row of realtime.messages. */
export function toMessageRow({ relation, record }: RowChange): MessageRow {
  const value = (name: string) => record?.[relation.columns.findIndex((column) => column.name === name)] ?? null;
  const binary = value("binary_payload");
  return {
    id: value("id") ?? "",
    topic: value("topic") ?? "",
    event: value("event"),
    extension: value("extension") ?? "",
    private: value("private") === "t",
    payload: value("payload"),
    binaryPayload: binary === null ? null : Buffer.from(binary.slice(2), "hex"),
    insertedAt: value("inserted_at") ?? "",
  };
}
