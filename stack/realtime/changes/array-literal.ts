/** Postgres's notation of a one-dimensional array. */
export function arrayLiteral(values: (string | null)[]): string {
  const items = values.map((value) => (value === null ? "null" : `"${value.replace(/["\\]/g, "\\$&")}"`));
  return `{${items.join(",")}}`;
}
