import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, ownPage } from "./testing/ask.ts";
import { startTestStudio, type TestStudio } from "./testing/stack.ts";

let studio: TestStudio;

beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio?.close());

const form = { "content-type": "application/x-www-form-urlencoded" };
const attack = "sql=create+table+public.stolen+(id+int)";
const at = () => `127.0.0.1:${studio.port}`;

describe("a name that is not this machine's is refused, whoever it resolves to", () => {
  test.each([
    "evil.example",
    "evil.example:PORT",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost",
    "localhost.evil.example:PORT",
  ])("%s", async (name) => {
    const host = name.replace("PORT", String(studio.port));
    for (const path of ["/", "/sql", "/rest/v1/notes", "/_system/introspect", "/static/favicon.ico"]) {
      const refused = await ask(studio.port, path, {
        headers: { ...ownPage(studio.port), host, origin: `http://${host}` },
      });
      expect([path, refused.status]).toEqual([path, 403]);
    }
  });

  test("an absolute address in the request line changes nothing", async () => {
    const refused = await ask(studio.port, `http://${at()}/rest/v1/notes`, { headers: { host: "evil.example" } });
    expect(refused.status).toBe(403);
  });

  test("both of its own names are answered", async () => {
    for (const host of [at(), `localhost:${studio.port}`, `LOCALHOST:${studio.port}`]) {
      expect((await ask(studio.port, "/about", { headers: { host } })).status).toBe(200);
    }
  });
});

describe("another site's requests are refused, and run nothing", () => {
  const cases: [string, Record<string, string>][] = [
    [
      "a form of another site",
      {
        origin: "https://evil.example",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      },
    ],
    [
      "a form of another port of this machine",
      {
        origin: "http://127.0.0.1:1",
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      },
    ],
    ["a form without an origin to show", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["a form of an old browser", { origin: "https://evil.example" }],
    ["a form that hides where it comes from", {}],
    ["a form posted from a bookmark", { "sec-fetch-site": "none" }],
    ["the other name of this machine", { origin: "http://localhost:PORT", "sec-fetch-site": "cross-site" }],
    [
      "a fetch of another site",
      { origin: "https://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    ],
    ["an origin over TLS", { origin: "https://127.0.0.1:PORT", "sec-fetch-site": "same-origin" }],
  ];
  test.each(cases)("%s", async (_, given) => {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace("PORT", String(studio.port))]),
    );
    const refused = await ask(studio.port, "/sql", {
      method: "POST",
      headers: { host: at(), ...form, ...headers },
      body: attack,
    });
    expect(refused.status).toBe(403);
    for (const method of ["PATCH", "DELETE", "POST", "PUT", "OPTIONS"]) {
      const { status } = await ask(studio.port, "/rest/v1/notes?id=eq.1", {
        method,
        headers: { host: at(), ...headers },
      });
      expect([method, status]).toEqual([method, 403]);
    }
    expect(
      await studio.sql("select to_regclass('public.stolen') as made, count(*)::int as notes from public.notes"),
    ).toEqual([{ made: null, notes: 3 }]);
  });

  test.each(["no-cors", "cors", "same-origin", "websocket"])("reading by %s", async (mode) => {
    for (const site of ["cross-site", "same-site"]) {
      const headers = { host: at(), "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": "script" };
      for (const path of ["/rest/v1/notes", "/_system/introspect", "/policies", "/users"]) {
        expect([path, (await ask(studio.port, path, { headers })).status]).toEqual([path, 403]);
      }
    }
  });

  test("a frame is refused, a link opens the page", async () => {
    const visit = (dest: string) =>
      ask(studio.port, "/sql", {
        headers: { host: at(), "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest },
      });
    expect((await visit("iframe")).status).toBe(403);
    expect((await visit("document")).status).toBe(200);
  });
});

test("every answer, refusals included, forbids what a page could be used for", async () => {
  const paths = ["/", "/sql", "/policies", "/nowhere", "/rest/v1/notes", "/_system/introspect", "/static/favicon.ico"];
  const answers = await Promise.all(paths.map((path) => studio.get(path)));
  answers.push(await ask(studio.port, "/", { headers: { host: "evil.example" } }));
  for (const { headers } of answers) {
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'.*frame-ancestors 'none'/);
    expect(headers["content-security-policy"]).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

test("no other address of this machine answers", async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  for (const host of [...others, "127.0.0.2"]) {
    const reached = await new Promise((resolve) => {
      const socket = connect({ port: studio.port, host, timeout: 2000 }, () => resolve(true));
      socket.on("error", () => resolve(false)).on("timeout", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    expect([host, reached]).toEqual([host, false]);
  }
});
