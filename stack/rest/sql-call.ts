import type { Fn } from "./catalog.ts";
import { arrayLiteral, ident, type Params, qualifiedIdent } from "./sql-writer.ts";

export type Arguments =
  | { kind: "json"; text: string; keys: string[] }
  | { kind: "query"; values: [string, string][] }
  | { kind: "whole"; text: string };

function argumentsSql(fn: Fn, args: Arguments, params: Params): { from: string; list: string } {
  if (args.kind === "whole") {
    return { from: "", list: `${params.add(args.text)}::${fn.parameters[0]?.type ?? "text"}` };
  }
  const name = (each: Fn["parameters"][number]) => `${each.variadic ? "variadic " : ""}${ident(each.name)} := `;
  if (args.kind === "query") {
    const given = new Map<string, string[]>();
    for (const [key, value] of args.values) given.set(key, [...(given.get(key) ?? []), value]);
    const list = fn.parameters.flatMap((each) => {
      const values = given.get(each.name);
      if (values === undefined) return [];
      const value = each.variadic ? arrayLiteral(values) : (values.at(-1) ?? "");
      return [`${name(each)}${params.add(value)}::${each.type}`];
    });
    return { from: "", list: list.join(", ") };
  }
  const used = fn.parameters.filter((each) => args.keys.includes(each.name));
  if (used.length === 0) return { from: "", list: "" };
  const shape = used.map((each) => `${ident(each.name)} ${each.type}`).join(", ");
  return {
    from: `json_to_record(${params.add(args.text)}::json) as pgrst_body(${shape}), lateral `,
    list: used.map((each) => `${name(each)}pgrst_body.${ident(each.name)}`).join(", "),
  };
}

/** The call as a source of rows; a scalar's only column is `pgrst_scalar`. */
export function callSql(fn: Fn, args: Arguments, params: Params): string {
  const { from, list } = argumentsSql(fn, args, params);
  const call = `${qualifiedIdent(fn.schema, fn.name)}(${list})`;
  return fn.returnsComposite
    ? `select pgrst_call.* from ${from}${call} as pgrst_call`
    : `select pgrst_call.pgrst_scalar from ${from}${call} as pgrst_call(pgrst_scalar)`;
}
