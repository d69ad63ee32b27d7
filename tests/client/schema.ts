import type pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { ownerConnection } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { server } from "./clients.ts";

interface Fixture {
  /** Removes what `up` makes, and what an earlier run may have left. */
  down: string;
  up: string;
  /** A table of it, by which to see that the API knows the new schema. */
  table: string;
}

/** Makes database objects for the tests of one file, and removes them again. */
export function databaseFixture({ down, up, table }: Fixture): { sql: (query: string) => Promise<pg.QueryResult> } {
  let owner: pg.Client;
  const reload = "notify pgrst, 'reload schema'";
  beforeAll(async () => {
    owner = await ownerConnection();
    await owner.query(`${down}; ${up}; ${reload}`);
    const api = server();
    await eventually(
      async () => ((await api.from(table).select("*").limit(0)).error ? undefined : true),
      30,
      `the API to know ${table}`,
    );
  });
  afterAll(async () => {
    await owner.query(`${down}; ${reload}`);
    await owner.end();
  });
  return { sql: (query) => owner.query(query) };
}
