import { expect } from "vitest";
import { citiesFixture } from "./cities.ts";
import { server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const { table } = citiesFixture("reads");
const cities = (columns = "id") => visitor().from(table).select(columns).order("id");
const ids = (...wanted: number[]) => ({ data: wanted.map((id) => ({ id })), error: null });

proves("from.select", "reads columns, renamed, cast and out of JSON, and counts", async () => {
  const columns = "city:name, people::text, mayor:facts->>mayor";
  const answer = await visitor().from(table).select(columns, { count: "exact" }).eq("id", 1);
  expect(answer).toMatchObject({ data: [{ city: "Acre", people: "50", mayor: "Ada" }], count: 1, status: 200 });
});

proves("from.select", "embeds related rows", async () => {
  const answer = await visitor().from(table).select(`name, twin:twin_id(name)`).eq("id", 2);
  expect(answer).toMatchObject({ data: [{ name: "Bern", twin: { name: "Acre" } }] });
});

proves("from.select", "refuses what is not granted with `42501`, hides what a policy hides", async () => {
  const refused = await visitor().from(table).select("secret");
  expect(refused).toMatchObject({ data: null, status: 401, error: { code: "42501" } });
  expect((await visitor().from(table).select("id").eq("id", 5)).data).toEqual([]);
  expect((await server().from(table).select("secret").eq("id", 5)).data).toEqual([{ secret: "secret" }]);
});

proves("from.order", "sorts, with `null` first or last; an unknown column is `42703`", async () => {
  const sorted = (nullsFirst: boolean) => visitor().from(table).select("id").order("people", { nullsFirst });
  expect(await sorted(true)).toMatchObject(ids(4, 1, 2, 3));
  expect(await sorted(false)).toMatchObject(ids(1, 2, 3, 4));
  expect(await visitor().from(table).select("id").order("colour")).toMatchObject({ error: { code: "42703" } });
});

proves("from.limit", "keeps the first rows; what is no number is `PGRST100`", async () => {
  expect(await cities().limit(2)).toMatchObject(ids(1, 2));
  expect(await cities().limit(Number.NaN)).toMatchObject({ error: { code: "PGRST100" } });
});

proves("from.range", "keeps rows by their place; beyond the counted end is `PGRST103`", async () => {
  expect(await cities().range(1, 2)).toMatchObject(ids(2, 3));
  const beyond = await visitor().from(table).select("id", { count: "exact" }).range(50, 60);
  expect(beyond).toMatchObject({ status: 416, error: { code: "PGRST103" } });
});

proves("from.single", "answers the one row as an object; none or several is `PGRST116`", async () => {
  expect(await cities().eq("id", 1).single()).toMatchObject({ data: { id: 1 } });
  expect(await cities().single()).toMatchObject({ data: null, status: 406, error: { code: "PGRST116" } });
  expect(await cities().eq("id", 9).single()).toMatchObject({ error: { code: "PGRST116" } });
});

proves("from.maybeSingle", "answers `null` for no row; several is `PGRST116`", async () => {
  expect(await cities().eq("id", 9).maybeSingle()).toMatchObject({ data: null, error: null });
  expect(await cities().eq("id", 1).maybeSingle()).toMatchObject({ data: { id: 1 } });
  expect(await cities().maybeSingle()).toMatchObject({ error: { code: "PGRST116" } });
});

proves("from.csv", "answers the rows as CSV, errors still as JSON", async () => {
  expect(await cities("id,motto").lte("id", 2).csv()).toMatchObject({
    data: 'id,motto\n1,"the sea gives"\n2,"bears and bridges"',
  });
  expect(await cities("colour").csv()).toMatchObject({ error: { code: "42703" } });
});

proves(
  "from.geojson",
  "without PostGIS, which is not among the extensions here, is refused and not misread",
  async () => {
    const { data, error, status } = await cities().geojson();
    expect(data).toBeNull();
    expect(error?.code).toBe("42883");
    expect(status).toBe(404);
  },
);

proves("from.explain", "is off, as in a hosted project: `PGRST107`", async () => {
  expect(await cities().explain()).toMatchObject({ data: null, status: 406, error: { code: "PGRST107" } });
});

proves("from.stripNulls", "leaves out members that are `null`; CSV has none to leave out", async () => {
  expect((await cities("id,people").eq("id", 4).stripNulls()).data).toEqual([{ id: 4 }]);
  expect(() => cities().csv().stripNulls()).toThrow("cannot be used with csv()");
});

proves("from.abortSignal", "ends a request", async () => {
  const answer = await cities().abortSignal(AbortSignal.abort());
  expect(answer).toMatchObject({ data: null, status: 0, error: { message: expect.stringContaining("AbortError") } });
});

proves("from.setHeader", "sends a header that the API honours", async () => {
  const answer = await cities().eq("id", 1).setHeader("accept", "application/vnd.pgrst.object+json");
  expect(answer).toMatchObject({ data: { id: 1 } });
});

proves("from.retry", "asks again after a lost connection, unless told not to", async () => {
  const calls: string[] = [];
  const flaky: typeof fetch = async (input, init) => {
    calls.push(new Headers(init?.headers).get("x-retry-count") ?? "first");
    if (calls.length === 1) throw new TypeError("fetch failed");
    return await fetch(input, init);
  };
  const client = visitor({ global: { fetch: flaky } });
  expect(await client.from(table).select("id").eq("id", 1)).toMatchObject(ids(1));
  expect(calls).toEqual(["first", "1"]);
  calls.length = 0;
  expect(await client.from(table).select("id").retry(false)).toMatchObject({ data: null, status: 0 });
});

proves("from.throwOnError", "throws what else would be answered as `error`", async () => {
  await expect(cities("colour").throwOnError()).rejects.toMatchObject({ code: "42703" });
  expect((await cities().eq("id", 1).throwOnError()).data).toEqual([{ id: 1 }]);
});

proves("from.then", "sends the request when it is awaited, not before", async () => {
  const sent: string[] = [];
  const client = visitor({
    global: {
      fetch: (input, init) => {
        sent.push(String(input));
        return fetch(input, init);
      },
    },
  });
  const query = client.from(table).select("id").eq("id", 1);
  expect(sent).toEqual([]);
  expect(await query.then(({ data }) => data)).toEqual([{ id: 1 }]);
  expect(sent).toHaveLength(1);
});

proves("from.returns", "changes types alone", async () => {
  expect(await cities().eq("id", 1).returns<{ id: number }[]>()).toMatchObject(ids(1));
});

proves("from.overrideTypes", "changes types alone", async () => {
  expect(await cities().eq("id", 1).overrideTypes<{ id: number }[], { merge: false }>()).toMatchObject(ids(1));
});
