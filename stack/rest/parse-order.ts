import { type Field, parseField } from "./field.ts";
import { Scanner } from "./scanner.ts";

export interface OrderTerm {
  /** The embedded resource whose column is meant; null for the resource itself. */
  relation: string | null;
  field: Field;
  descending: boolean | null;
  nulls: "first" | "last" | null;
}

export function parseOrder(text: string): OrderTerm[] {
  const scan = new Scanner(text, "order");
  if (scan.done) return [];
  const terms: OrderTerm[] = [];
  do terms.push(term(scan));
  while (scan.take(","));
  if (!scan.done) throw scan.fail('"," or end of input');
  return terms;
}

function term(scan: Scanner): OrderTerm {
  let field = parseField(scan);
  let relation: string | null = null;
  if (field.path.length === 0 && scan.take("(")) {
    relation = field.name;
    field = parseField(scan);
    scan.expect(")");
  }
  const direction = scan.match(/\.(?:asc|desc)(?=$|[.,])/);
  const nulls = scan.match(/\.nulls(?:first|last)(?=$|,)/);
  return {
    relation,
    field,
    descending: direction === null ? null : direction === ".desc",
    nulls: nulls === null ? null : nulls === ".nullsfirst" ? "first" : "last",
  };
}
