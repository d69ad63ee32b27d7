import { describe, expect, test } from "vitest";
import { readJoin, readReplay } from "./join-config.ts";

const plain = {
  token: null,
  ack: false,
  self: false,
  replicationReady: false,
  replay: undefined,
  presence: { enabled: false, key: "" },
  private: false,
  postgresChanges: [],
};

test.each([undefined, null, 7, [], {}, { config: null }, { config: { broadcast: null, presence: "x" } }])(
  "a join of %j gets every default",
  (payload) => expect(readJoin(payload)).toEqual(plain),
);

test("what is understood is taken, beside what is not", () => {
  const changes = { event: "*", schema: "public", table: "notes", more: [1] };
  const config = {
    broadcast: { ack: "TRUE", self: true, replay: { since: 1 } },
    presence: { key: 7, enabled: "yes" },
    private: "True",
    postgres_changes: [null, changes, "x"],
  };
  expect(readJoin({ access_token: "token", config })).toEqual({
    ...plain,
    token: "token",
    ack: true,
    self: true,
    replay: { since: 1 },
    presence: { key: "7", enabled: false },
    private: true,
    postgresChanges: [changes],
  });
});

test.each([
  [{ access_token: "a" }, "a"],
  [{ access_token: "a", user_token: "b" }, "b"],
  [{ user_token: "b" }, "b"],
  [{ access_token: "sb_publishable_x" }, null],
  [{ user_token: "sb_publishable_x" }, null],
  [{ access_token: "sb_publishable_x", user_token: "b" }, null],
  [{ access_token: 7 }, null],
])("of %j the token is %j", (payload, token) => expect(readJoin(payload).token).toBe(token));

describe("replay", () => {
  test("is bounded, and by default as much as there may be", () => {
    const since = new Date(5);
    expect(readReplay({ since: 5 }, 25)).toEqual({ since, limit: 25 });
    expect(readReplay({ since: 5, limit: 3 }, 25)).toEqual({ since, limit: 3 });
    expect(readReplay({ since: 5, limit: 0 }, 25)).toEqual({ since, limit: 1 });
    expect(readReplay({ since: 5, limit: 1000 }, 25)).toEqual({ since, limit: 25 });
  });
});
