import { RestError } from "./errors.ts";

export type Output =
  | { kind: "json" | "object"; stripNulls: boolean; contentType: string }
  | { kind: "csv" | "geojson" | "text" | "binary" | "openapi"; contentType: string }
  | { kind: "plan"; options: string[]; format: "text" | "json"; contentType: string };

const JSON_TYPE = "application/json; charset=utf-8";

function outputOf(type: string, params: Map<string, string>, scalar: boolean): Output | null {
  const stripNulls = params.get("nulls") === "stripped";
  switch (type) {
    case "*/*":
    case "application/*":
    case "application/json":
      return { kind: "json", stripNulls: false, contentType: JSON_TYPE };
    case "application/vnd.pgrst.array+json":
    case "application/vnd.pgrst.array":
      return {
        kind: "json",
        stripNulls,
        contentType: stripNulls ? "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8" : JSON_TYPE,
      };
    case "application/vnd.pgrst.object+json":
    case "application/vnd.pgrst.object":
      return {
        kind: "object",
        stripNulls,
        contentType: `application/vnd.pgrst.object+json${stripNulls ? ";nulls=stripped" : ""}; charset=utf-8`,
      };
    case "text/csv":
      return { kind: "csv", contentType: "text/csv; charset=utf-8" };
    case "application/geo+json":
      return { kind: "geojson", contentType: "application/geo+json; charset=utf-8" };
    case "application/openapi+json":
      return { kind: "openapi", contentType: "application/openapi+json; charset=utf-8" };
    case "text/plain":
      return scalar ? { kind: "text", contentType: "text/plain; charset=utf-8" } : null;
    case "application/octet-stream":
      return scalar ? { kind: "binary", contentType: "application/octet-stream" } : null;
    default:
      return type.startsWith("application/vnd.pgrst.plan") ? planOutput(type, params) : null;
  }
}

function planOutput(type: string, params: Map<string, string>): Output {
  const format = type.endsWith("+json") ? "json" : "text";
  const known = ["analyze", "verbose", "settings", "buffers", "wal"];
  return {
    kind: "plan",
    format,
    options: (params.get("options") ?? "").split("|").filter((option) => known.includes(option)),
    contentType: `${type.endsWith("+json") ? type : "application/vnd.pgrst.plan+text"}; charset=utf-8`,
  };
}

/** What is asked about: rows, one value, which may be plain text or bytes, or the API itself. */
export type Subject = "rows" | "scalar" | "root";

/** The first media type of the Accept header that can be served. */
export function negotiate(accept: string | undefined, subject: Subject): Output {
  const ranked = (accept?.trim() || "*/*")
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part, order) => {
      const [type = "", ...rest] = part.split(";").map((each) => each.trim());
      const params = new Map(
        rest.map((each): [string, string] => {
          const [name = "", value = ""] = each.split("=");
          return [name.toLowerCase(), value.replace(/^"|"$/g, "")];
        }),
      );
      return { type: type.toLowerCase(), params, order, weight: Number(params.get("q") ?? 1) || 0 };
    })
    .sort((a, b) => b.weight - a.weight || a.order - b.order);
  for (const { type, params } of ranked) {
    const output = outputOf(type, params, subject === "scalar");
    const fits =
      subject === "root" ? output?.kind === "json" || output?.kind === "openapi" : output?.kind !== "openapi";
    if (output !== null && fits) return output;
  }
  throw new RestError(
    406,
    "PGRST107",
    `None of these media types are available: ${ranked.map((each) => each.type).join(", ")}`,
  );
}
