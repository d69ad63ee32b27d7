import { describe, expect, test } from "vitest";
import { describeParams, parseParams, subscriptionId } from "./params.ts";

const filtersOf = (filter: string) => parseParams({ schema: "public", table: "t", filter }).filters;
const one = (filter: string) => {
  const [first, ...rest] = filtersOf(filter);
  expect(rest).toEqual([]);
  return first;
};

describe("filters", () => {
  test.each([
    ["id=eq.1", { column: "id", operator: "eq", value: "1", negate: false }],
    ["id=not.gte.1", { column: "id", operator: "gte", value: "1", negate: true }],
    ["name=eq.a.b=c", { column: "name", operator: "eq", value: "a.b=c", negate: false }],
    ["name=eq.", { column: "name", operator: "eq", value: "", negate: false }],
    ["name=in.(a,b)", { column: "name", operator: "in", value: "{a,b}", negate: false }],
    ['name=in.("a,b",c)', { column: "name", operator: "in", value: '{"a,b",c}', negate: false }],
    ["name=not.in.()", { column: "name", operator: "in", value: "{}", negate: true }],
    ["name=is.null", { column: "name", operator: "is", value: "null", negate: false }],
    ['name=eq."a,b"', { column: "name", operator: "eq", value: "a,b", negate: false }],
    ['name=eq."say \\"hi\\" \\\\"', { column: "name", operator: "eq", value: 'say "hi" \\', negate: false }],
    ['name=eq."open', { column: "name", operator: "eq", value: '"open', negate: false }],
    ['name=eq."a"b', { column: "name", operator: "eq", value: '"a"b', negate: false }],
    ["  name=match.^(a,b)$  ", { column: "name", operator: "match", value: "^(a,b)$", negate: false }],
    ["name=isdistinct.x", { column: "name", operator: "isdistinct", value: "x", negate: false }],
  ])("%s is understood", (filter, expected) => {
    expect(one(filter)).toEqual(expected);
  });

  test.each(["neq", "lt", "lte", "gt", "like", "ilike", "imatch"])("%s is an operator", (operator) => {
    expect(one(`a=${operator}.1`)).toEqual({ column: "a", operator, value: "1", negate: false });
  });

  test("a hundred conditions are not too many, one more is", () => {
    const conditions = (count: number) => Array.from({ length: count }, (_, n) => `id=neq.${n}`).join();
    expect(filtersOf(conditions(100))).toHaveLength(100);
    expect(() => filtersOf(conditions(101))).toThrow("more than 100 conditions");
  });

  test("several are joined by commas, whether spaces follow or not", () => {
    expect(filtersOf("id=gt.0, id=lt.9,name=in.(a,b)").map(({ operator, value }) => [operator, value])).toEqual([
      ["gt", "0"],
      ["lt", "9"],
      ["in", "{a,b}"],
    ]);
  });

  test("a comma in quotes joins nothing, also after an escaped quote", () => {
    expect(filtersOf('a=eq."x\\",y=eq.1",b=eq.2').map(({ value }) => value)).toEqual(['x",y=eq.1', "2"]);
  });

  test("a quote inside a word is no quote", () => {
    expect(filtersOf('a=eq.5"x,b=eq.y"').map(({ value }) => value)).toEqual(['5"x', 'y"']);
  });

  test.each(["", "   "])("a blank one is none", (filter) => {
    expect(filtersOf(filter)).toEqual([]);
  });

  test.each([
    ["subject=foo.hey", 'Error parsing `filter` params: ["foo", "hey"]'],
    ["undefined", 'Error parsing `filter` params: ["undefined"]'],
    ["id=eq", 'Error parsing `filter` params: ["eq"]'],
    ["id=in.1,2", "Error parsing `filter` params: `in` filter value must be wrapped by parentheses"],
    [
      "id=eq.1,,id=eq.2",
      "Error parsing `filter` params: filter must not contain empty segments (check for extra commas)",
    ],
  ])("%s is refused with Supabase's words", (filter, message) => {
    expect(() => filtersOf(filter)).toThrow(message);
  });
});

describe("a subscription", () => {
  test("to a schema means all its tables; to a table, the one in public", () => {
    expect(parseParams({ schema: "hub" })).toMatchObject({ schema: "hub", table: "*" });
    expect(parseParams({ table: "t" })).toMatchObject({ schema: "public", table: "t" });
  });

  test.each([
    [{ event: "insert" }, "INSERT"],
    [{ event: "UPDATE" }, "UPDATE"],
    [{ event: "nonsense" }, "*"],
    [{}, "*"],
  ])("of %j has the action %s", (event, action) => {
    expect(parseParams({ schema: "public", ...event }).action).toBe(action);
  });

  test.each([
    [{}, "%{}"],
    [{ event: "*", filter: "id=eq.1" }, '%{"event" => "*", "filter" => "id=eq.1"}'],
    [{ schema: "public", filter: "id=eq.1" }, '%{"filter" => "id=eq.1", "schema" => "public"}'],
    [{ schema: "public", table: null }, '%{"schema" => "public", "table" => nil}'],
    [{ user_token: "secret" }, "<redacted>"],
  ])("of %j is refused", (config, shown) => {
    expect(() => parseParams(config)).toThrow(
      `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${shown}`,
    );
  });

  test("may choose columns of one table only", () => {
    expect(parseParams({ schema: "public", table: "t", select: ["a", 1, "b"] }).select).toEqual(["a", "b"]);
    expect(parseParams({ schema: "public", table: "t", select: [] }).select).toBeNull();
    expect(() => parseParams({ schema: "public", table: "*", select: ["a"] })).toThrow(
      "Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.",
    );
    expect(() => parseParams({ schema: "public", table: "t", select: "a" })).toThrow(
      'Error parsing `select` params: expected a list of column name strings, e.g. select: ["col1", "col2"]',
    );
  });

  test("is described as Supabase describes it", () => {
    const params = parseParams({ event: "INSERT", schema: "public", table: "t", filter: "id=not.eq.1", select: ["a"] });
    expect(describeParams(params)).toBe(
      'event: INSERT, schema: public, table: t, filters: [{"id", "eq", "1", true}], select: ["a"]',
    );
    expect(describeParams(parseParams({ schema: "public" }))).toBe(
      "event: *, schema: public, table: *, filters: [], select: nil",
    );
  });

  test("has an id of 27 bits that depends on its parameters alone", () => {
    const id = subscriptionId({ event: "*", schema: "public" });
    expect(id).toBe(subscriptionId({ schema: "public", event: "*" }));
    expect(id).not.toBe(subscriptionId({ event: "INSERT", schema: "public" }));
    for (let n = 0; n < 500; n++) {
      const each = subscriptionId({ table: `t${n}` });
      expect(each).toBeGreaterThan(0);
      expect(each).toBeLessThan(2 ** 27);
    }
  });
});
