import { RestError } from "./errors.ts";
import { type Embed, fieldName, type ReadNode } from "./plan-read.ts";
import { fieldSql, filterSql, usesEmbed } from "./sql-filter.ts";
import { ident, type Params, qualifiedIdent } from "./sql-writer.ts";

function selectField(node: ReadNode, item: ReadNode["fields"][number]): string {
  const name = ident(fieldName(item));
  if (item.field === null) return `${castTo("count(*)", item.aggregateCast)} as ${name}`;
  if (item.field.name === "*" && item.field.path.length === 0) return `${ident(node.alias)}.*`;
  let sql = castTo(fieldSql(node, item.field), item.cast);
  if (item.aggregate !== null) sql = castTo(`${item.aggregate}(${sql})`, item.aggregateCast);
  return `${sql} as ${name}`;
}

/** Grouping names its columns one by one. */
function allColumns(node: ReadNode): string[] {
  return [...(node.columns?.keys() ?? [])].map((name) => `${ident(node.alias)}.${ident(name)}`);
}

function castTo(sql: string, cast: string | null): string {
  return cast === null ? sql : `cast(${sql} as ${cast})`;
}

/** The names that a spread to-many resource contributes; each becomes an array. */
function spreadNames(node: ReadNode): string[] {
  const own = node.fields.flatMap((item) =>
    item.field?.name === "*" ? [...(node.columns?.keys() ?? [])] : [fieldName(item)],
  );
  const nested = node.children
    .filter((child) => !child.hidden)
    .flatMap((child) => (child.spread ? spreadNames(child.node) : [child.name]));
  return [...own, ...nested];
}

function selectEmbed(embed: Embed, grouped: boolean): string[] {
  const lateral = ident(embed.lateral);
  if (embed.hidden) return [];
  if (embed.spread && embed.toMany) {
    return spreadNames(embed.node).map((name) => `coalesce(${lateral}.${ident(name)}, '[]') as ${ident(name)}`);
  }
  if (embed.spread && grouped) {
    return spreadNames(embed.node).map((name) => `${lateral}.${ident(name)} as ${ident(name)}`);
  }
  if (embed.spread) return [`${lateral}.*`];
  const name = ident(embed.name);
  if (embed.toMany) return [`coalesce(${lateral}."pgrst_body", '[]')${grouped ? "::jsonb" : ""} as ${name}`];
  return [`row_to_json(${lateral}.*)${grouped ? "::jsonb" : ""} as ${name}`];
}

function joinCondition(parent: ReadNode, embed: Embed): { from: string; where: string[] } {
  const { relationship, node } = embed;
  const target = `${qualifiedIdent(relationship.to.schema, relationship.to.name)} as ${ident(node.alias)}`;
  const own = (column: string) => `${ident(parent.alias)}.${ident(column)}`;
  const far = (column: string) => `${ident(node.alias)}.${ident(column)}`;
  if (relationship.computed !== null) {
    const { schema, name } = relationship.computed;
    const row = `(${ident(parent.alias)}.*)::${qualifiedIdent(relationship.from.schema, relationship.from.name)}`;
    return { from: `${qualifiedIdent(schema, name)}(${row}) as ${ident(node.alias)}`, where: [] };
  }
  if (relationship.junction === null) {
    return { from: target, where: relationship.columns.map(([a, b]) => `${far(b)} = ${own(a)}`) };
  }
  const { relation, own: near, far: beyond } = relationship.junction;
  const junction = `${embed.lateral}_j`;
  const through = (column: string) => `${ident(junction)}.${ident(column)}`;
  return {
    from: `${target}, ${qualifiedIdent(relation.schema, relation.name)} as ${ident(junction)}`,
    where: [
      ...near.columns.map(([j, a]) => `${through(j)} = ${own(a)}`),
      ...beyond.columns.map(([j, b]) => `${through(j)} = ${far(b)}`),
    ],
  };
}

function lateralSql(parent: ReadNode, embed: Embed, params: Params): string {
  const { from, where } = joinCondition(parent, embed);
  const lateral = ident(embed.lateral);
  const join = embed.inner ? "inner join" : "left join";
  const inside = selectSql(embed.node, from, where, params);
  if (!embed.toMany) return `${join} lateral (${inside}) as ${lateral} on true`;
  const rows = ident(`${embed.lateral}_rows`);
  const body = embed.spread
    ? spreadNames(embed.node).map((name) => `json_agg(${rows}.${ident(name)}) as ${ident(name)}`)
    : embed.hidden
      ? []
      : [`json_agg(${rows}.*) as "pgrst_body"`];
  const aggregated = `select ${[...body, 'count(*) as "pgrst_rows"'].join(", ")} from (${inside}) as ${rows}`;
  return `${join} lateral (${aggregated}) as ${lateral} on ${embed.inner ? `${lateral}."pgrst_rows" > 0` : "true"}`;
}

function orderSql(node: ReadNode, term: ReadNode["order"][number], params: Params): string {
  const direction = term.descending === null ? "" : term.descending ? " desc" : " asc";
  const nulls = term.nulls === null ? "" : ` nulls ${term.nulls}`;
  if (term.relation === null) return `${fieldSql(node, term.field)}${direction}${nulls}`;
  const embed = node.children.find((each) => each.name === term.relation);
  if (embed === undefined) {
    throw new RestError(
      400,
      "PGRST108",
      `'${term.relation}' is not an embedded resource in this request`,
      null,
      `Verify that '${term.relation}' is included in the 'select' query parameter.`,
    );
  }
  if (embed.toMany) {
    throw new RestError(
      400,
      "PGRST118",
      `A related order on '${embed.name}' is not possible`,
      `'${node.alias}' and '${embed.name}' do not form a many-to-one or one-to-one relationship`,
    );
  }
  return `${relatedValue(node, embed, term, params)}${direction}${nulls}`;
}

/** The value to order by is read anew, so that the embedded row shows what was selected and nothing more. */
function relatedValue(node: ReadNode, embed: Embed, term: ReadNode["order"][number], params: Params): string {
  const { from, where } = joinCondition(node, embed);
  const own = embed.node.filters.filter((filter) => !usesEmbed(embed.node, filter));
  const conditions = [...where, ...own.map((filter) => filterSql(embed.node, filter, params))];
  const filter = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return `(select ${fieldSql(embed.node, term.field)} from ${from}${filter})`;
}

/** The select list, joins and conditions of one resource, as a complete `select`. */
export function selectSql(node: ReadNode, from: string, where: string[], params: Params): string {
  const grouped = node.fields.some((item) => item.aggregate !== null);
  const plain = node.fields
    .filter((item) => item.aggregate === null)
    .flatMap((item) => (grouped && item.field?.name === "*" ? allColumns(node) : [selectField(node, item)]));
  const embedded = node.children.flatMap((embed) => selectEmbed(embed, grouped));
  const aggregates = node.fields.filter((item) => item.aggregate !== null).map((item) => selectField(node, item));
  const list = [...plain, ...embedded, ...aggregates];
  const joins = node.children.map((embed) => lateralSql(node, embed, params));
  const conditions = [...where, ...node.filters.map((filter) => filterSql(node, filter, params))];
  const groups = [...plain, ...embedded].map((_, i) => i + 1);
  return [
    `select ${list.length === 0 ? "1 as pgrst_one" : list.join(", ")} from ${from}`,
    ...joins,
    conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`,
    grouped && groups.length > 0 ? `group by ${groups.join(", ")}` : "",
    node.order.length === 0 ? "" : `order by ${node.order.map((term) => orderSql(node, term, params)).join(", ")}`,
    node.range.limit === null ? "" : `limit ${node.range.limit}`,
    node.range.offset === 0 ? "" : `offset ${node.range.offset}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** The rows that match without the page's limits: joins only where they take part in the choice. */
export function countSql(node: ReadNode, from: string, params: Params): string {
  const needed = node.children.filter((embed) => embed.inner || node.filters.some((filter) => usesEmbed(node, filter)));
  const joins = needed.map((embed) =>
    lateralSql(node, { ...embed, spread: false, hidden: true, node: { ...embed.node, fields: [] } }, params),
  );
  const conditions = node.filters.map((filter) => filterSql(node, filter, params));
  return `select 1 from ${from} ${joins.join(" ")}${conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`}`;
}
