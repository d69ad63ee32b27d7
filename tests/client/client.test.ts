import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { expect } from "vitest";
import { env } from "../support/env.ts";
import { citiesFixture } from "./cities.ts";
import { server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const { table } = citiesFixture("client");
const acre = { data: [{ name: "Acre" }], error: null };

proves("from", "opens a table or view; an unknown one is `PGRST205`, a key that is none is 401", async () => {
  expect(await visitor().from(table).select("name").eq("id", 1)).toMatchObject(acre);
  expect(await visitor().from("nowhere").select()).toMatchObject({ status: 404, error: { code: "PGRST205" } });
  const stranger = createClient(env.SUPABASE_URL, "sb_publishable_of_nobody", { auth: { persistSession: false } });
  expect(await stranger.from(table).select("name")).toMatchObject({ data: null, status: 401 });
});

proves("schema", "opens an exposed schema; another is `PGRST106`", async () => {
  expect(await visitor().schema("public").from(table).select("name").eq("id", 1)).toMatchObject(acre);
  const hidden = await server().schema("vault").from("secrets").select();
  expect(hidden).toMatchObject({ data: null, status: 406, error: { code: "PGRST106" } });
});

proves("schema.from", "reads as without a schema", async () => {
  const { data } = await visitor().schema("public").from(table).select("name").eq("id", 1);
  expect(data).toEqual(acre.data);
});

proves("schema.schema", "changes the schema once more", async () => {
  const client = visitor().schema("vault").schema("public");
  expect(await client.from(table).select("name").eq("id", 1)).toMatchObject(acre);
  expect(await client.schema("vault").from(table).select()).toMatchObject({ error: { code: "PGRST106" } });
});

proves("getOpenApiSpec", "describes tables and columns to the secret key as they are now", async () => {
  const { data, error } = await server().getOpenApiSpec();
  expect(error).toBeNull();
  expect(data).toMatchObject({ swagger: "2.0", paths: { [`/${table}`]: { get: {} } } });
  expect(data?.definitions?.[table]?.properties).toMatchObject({ people: { type: "integer" } });
});

proves("schema.getOpenApiSpec", "describes an exposed schema; another is `PGRST106`", async () => {
  expect((await server().schema("public").getOpenApiSpec()).data?.paths).toHaveProperty(`/${table}`);
  expect(await server().schema("vault").getOpenApiSpec()).toMatchObject({ error: { code: "PGRST106" } });
});

proves("channel", "opens a channel by its topic; the same topic twice is one channel", async () => {
  const client = visitor();
  const channel = client.channel(`room-${randomUUID()}`);
  expect(channel.state).toBe("closed");
  expect(client.channel(channel.subTopic)).toBe(channel);
});

proves("getChannels", "lists the client's channels", async () => {
  const client = visitor();
  const channel = client.channel(`room-${randomUUID()}`);
  expect(client.getChannels()).toEqual([channel]);
});
