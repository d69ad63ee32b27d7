const SHOWN = 50;

function listed(items: string[]): string {
  return [...items.slice(0, SHOWN), ...(items.length > SHOWN ? ["..."] : [])].join(", ");
}

/** A value in Elixir's notation, in which the real server's messages show what it was sent. */
export function inspect(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${listed(value.map(inspect))}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)} => ${inspect(each)}`);
  return `%{${listed(entries)}}`;
}

/** A tuple, whose members are shown already. */
export function tuple(members: string[]): string {
  return `{${members.join(", ")}}`;
}
