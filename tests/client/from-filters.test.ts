import { expect } from "vitest";
import { citiesFixture } from "./cities.ts";
import { visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const { table } = citiesFixture("filters");
const cities = () => visitor().from(table).select("id").order("id");
type Query = ReturnType<typeof cities>;
type Narrow = (query: Query) => PromiseLike<unknown>;

/** What Postgres says of a filter that cannot be. */
const refusals = {
  "22P02": "a value of another type is `22P02`",
  "42501": "a column without the grant is `42501`",
  "42703": "an unknown column is `42703`",
  "42883": "a column of another type is `42883`",
  "2201B": "a broken expression is `2201B`",
  PGRST100: "one that cannot be parsed is `PGRST100`",
} as const;

/** Which cities a filter keeps, and how one that cannot be is refused. */
function filters(
  name: string,
  says: string,
  keep: Narrow,
  ids: number[],
  code: keyof typeof refusals,
  refused: Narrow,
): void {
  proves(`from.${name}`, `${says}; ${refusals[code]}`, async () => {
    expect(await keep(cities())).toMatchObject({ data: ids.map((id) => ({ id })), error: null });
    expect(await refused(cities())).toMatchObject({ data: null, error: { code } });
  });
}

const many = "many";

filters(
  "eq",
  "keeps equal values; `null` equals nothing",
  (q) => q.eq("people", 140),
  [2],
  "22P02",
  (q) => q.eq("people", many),
);
filters(
  "neq",
  "keeps other values, and no `null`",
  (q) => q.neq("people", 140),
  [1, 3],
  "22P02",
  (q) => q.neq("people", many),
);
filters(
  "gt",
  "keeps greater values",
  (q) => q.gt("people", 140),
  [3],
  "22P02",
  (q) => q.gt("people", many),
);
filters(
  "gte",
  "keeps greater and equal values",
  (q) => q.gte("people", 140),
  [2, 3],
  "42501",
  (q) => q.gte("secret", "a"),
);
filters(
  "lt",
  "keeps smaller values",
  (q) => q.lt("people", 140),
  [1],
  "42501",
  (q) => q.lt("secret", "z"),
);
filters(
  "lte",
  "keeps smaller and equal values",
  (q) => q.lte("people", 140),
  [1, 2],
  "22P02",
  (q) => q.lte("people", many),
);
filters(
  "like",
  "matches a pattern, letter for letter",
  (q) => q.like("name", "%o%"),
  [3, 4],
  "42883",
  (q) => q.like("people", "1%"),
);
filters(
  "ilike",
  "matches a pattern, whatever the case",
  (q) => q.ilike("name", "d%"),
  [4],
  "42501",
  (q) => q.ilike("secret", "s%"),
);
filters(
  "likeAllOf",
  "matches every pattern",
  (q) => q.likeAllOf("name", ["%o%", "D%"]),
  [4],
  "42883",
  (q) => q.likeAllOf("people", ["1%"]),
);
filters(
  "likeAnyOf",
  "matches one of the patterns",
  (q) => q.likeAnyOf("name", ["A%", "D%"]),
  [1, 4],
  "42703",
  (q) => q.likeAnyOf("colour", ["r%"]),
);
filters(
  "ilikeAllOf",
  "matches every pattern, whatever the case",
  (q) => q.ilikeAllOf("name", ["%O%", "c%"]),
  [3],
  "42703",
  (q) => q.ilikeAllOf("colour", ["r%"]),
);
filters(
  "ilikeAnyOf",
  "matches one of the patterns, whatever the case",
  (q) => q.ilikeAnyOf("name", ["a%", "b%"]),
  [1, 2],
  "42883",
  (q) => q.ilikeAnyOf("people", ["1%"]),
);
filters(
  "regexMatch",
  "matches a regular expression",
  (q) => q.regexMatch("name", "^[AB]"),
  [1, 2],
  "2201B",
  (q) => q.regexMatch("name", "(A"),
);
filters(
  "regexIMatch",
  "matches a regular expression, whatever the case",
  (q) => q.regexIMatch("name", "^[ab]"),
  [1, 2],
  "2201B",
  (q) => q.regexIMatch("name", "a["),
);
filters(
  "is",
  "keeps `null`, true or false",
  (q) => q.is("coastal", null),
  [4],
  "PGRST100",
  (q) => q.filter("coastal", "is", "wet"),
);
filters(
  "isDistinct",
  "keeps other values and `null`",
  (q) => q.isDistinct("people", 140),
  [1, 3, 4],
  "22P02",
  (q) => q.isDistinct("people", many),
);
filters(
  "in",
  "keeps the values of a list",
  (q) => q.in("name", ["Bern", "Doha", "Eden"]),
  [2, 4],
  "22P02",
  (q) => q.in("people", [many]),
);
filters(
  "notIn",
  "keeps what a list does not name",
  (q) => q.notIn("name", ["Bern", "Doha"]),
  [1, 3],
  "22P02",
  (q) => q.notIn("people", [many]),
);
filters(
  "contains",
  "keeps arrays, ranges and JSON that hold all of a value",
  (q) => q.contains("tags", ["old"]).contains("season", "[5,6)").contains("facts", { mayor: "Ben" }),
  [2],
  "22P02",
  (q) => q.contains("facts", "{"),
);
filters(
  "containedBy",
  "keeps what lies within a value",
  (q) => q.containedBy("tags", ["port", "old"]),
  [1, 3],
  "22P02",
  (q) => q.containedBy("tags", "port"),
);
filters(
  "overlaps",
  "keeps what shares an element",
  (q) => q.overlaps("tags", ["capital"]),
  [2, 4],
  "22P02",
  (q) => q.overlaps("tags", "capital"),
);
filters(
  "rangeGt",
  "keeps ranges that lie above another",
  (q) => q.rangeGt("season", "[2,6)"),
  [3],
  "22P02",
  (q) => q.rangeGt("season", many),
);
filters(
  "rangeGte",
  "keeps ranges that do not begin below another",
  (q) => q.rangeGte("season", "[5,6)"),
  [2, 3],
  "22P02",
  (q) => q.rangeGte("season", many),
);
filters(
  "rangeLt",
  "keeps ranges that lie below another",
  (q) => q.rangeLt("season", "[5,6)"),
  [1],
  "22P02",
  (q) => q.rangeLt("season", many),
);
filters(
  "rangeLte",
  "keeps ranges that do not end above another",
  (q) => q.rangeLte("season", "[4,9)"),
  [1, 2],
  "22P02",
  (q) => q.rangeLte("season", many),
);
filters(
  "rangeAdjacent",
  "keeps ranges that touch another",
  (q) => q.rangeAdjacent("season", "[9,10)"),
  [2],
  "22P02",
  (q) => q.rangeAdjacent("season", many),
);
filters(
  "textSearch",
  "searches words, with a language and web syntax when asked",
  (q) => q.textSearch("motto", "harbours or seas", { config: "english", type: "websearch" }).neq("id", 1),
  [3, 4],
  "42703",
  (q) => q.textSearch("colour", "red"),
);
filters(
  "match",
  "keeps rows that equal all of an object",
  (q) => q.match({ coastal: true, name: "Cork" }),
  [3],
  "42703",
  (q) => q.match({ colour: "red" }),
);
filters(
  "not",
  "turns a filter round",
  (q) => q.not("tags", "cs", "{port}"),
  [2],
  "PGRST100",
  (q) => q.not("people", "almost", 1),
);
filters(
  "or",
  "joins filters, nested as well",
  (q) => q.or("id.eq.1,and(coastal.is.null,people.is.null)"),
  [1, 4],
  "PGRST100",
  (q) => q.or("id.eq.1,"),
);
filters(
  "filter",
  "takes PostgREST's own operators and JSON paths",
  (q) => q.filter("facts->>mayor", "in", '("Ada","Cat")'),
  [1, 3],
  "PGRST100",
  (q) => q.filter("id", "almost", 1),
);
