import { RestError } from "./errors.ts";

export interface Preferences {
  count: "exact" | "planned" | "estimated" | null;
  returning: "representation" | "minimal" | "headers-only" | null;
  resolution: "merge-duplicates" | "ignore-duplicates" | null;
  missingDefault: boolean;
  rollback: boolean;
  strict: boolean;
  maxAffected: number | null;
  timezone: string | null;
  /** Those honoured, for the `Preference-Applied` header. */
  applied: string[];
}

const KNOWN: Record<string, string[]> = {
  count: ["exact", "planned", "estimated"],
  return: ["representation", "minimal", "headers-only"],
  resolution: ["merge-duplicates", "ignore-duplicates"],
  missing: ["default", "null"],
  tx: ["commit", "rollback"],
  handling: ["strict", "lenient"],
};

function isKnown(name: string, value: string): boolean {
  // Postgres knows the names, and refuses those it does not.
  if (name === "timezone") return value !== "";
  if (name === "max-affected") return /^\d{1,9}$/.test(value);
  return KNOWN[name]?.includes(value) ?? false;
}

export function parsePreferences(header: string | undefined): Preferences {
  const first = new Map<string, string>();
  const invalid: string[] = [];
  for (const part of (header ?? "").split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const [name = "", value = ""] = part.split("=").map((each) => each.trim());
    if (!isKnown(name, value)) invalid.push(part);
    else if (!first.has(name)) first.set(name, value);
  }
  const strict = first.get("handling") === "strict";
  if (strict && invalid.length > 0) {
    throw new RestError(
      400,
      "PGRST122",
      "Invalid preferences given with handling=strict",
      `Invalid preferences: ${invalid.join(", ")}`,
    );
  }
  const pick = <T extends string>(name: string, values: readonly T[]): T | null =>
    values.find((value) => value === first.get(name)) ?? null;
  const maxAffected = first.get("max-affected");
  return {
    count: pick("count", ["exact", "planned", "estimated"] as const),
    returning: pick("return", ["representation", "minimal", "headers-only"] as const),
    resolution: pick("resolution", ["merge-duplicates", "ignore-duplicates"] as const),
    missingDefault: first.get("missing") === "default",
    rollback: first.get("tx") === "rollback",
    strict,
    maxAffected: strict && maxAffected !== undefined ? Number(maxAffected) : null,
    timezone: first.get("timezone") ?? null,
    applied: [...first]
      .filter(([name]) => name !== "max-affected" || strict)
      .map(([name, value]) => `${name}=${value}`),
  };
}
