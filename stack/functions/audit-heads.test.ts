import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../config/config.ts";
import type { Service, StackContext } from "../context.ts";
import { functionSecrets } from "./secrets.ts";
import { createFunctions } from "./service.ts";
import { asGateway, createTestProject, type TestProject } from "./testing/test-project.ts";

const projectDir = join(import.meta.dirname, "../..");
const heads = { taken_at: "2026-11-21T02:30:00+02:00", heads: [] };
const path = "2026/11/21/2026-11-21T00:30:00.000Z.json";

interface Seen {
  method: string | undefined;
  url: string | undefined;
  apikey: IncomingMessage["headers"][string];
  upsert: IncomingMessage["headers"][string];
}

/** As much of the Storage API as the function speaks: files that can be made once, and read. */
const files = new Map<string, string>();
const seen: Seen[] = [];
const storage = createServer(async (request, response) => {
  const { method, url = "", headers } = request;
  seen.push({ method, url, apikey: headers.apikey, upsert: headers["x-upsert"] });
  const body = await text(request);
  const taken = files.get(decodeURIComponent(url));
  response.setHeader("content-type", "application/json");
  if (method === "POST" && taken !== undefined) {
    response.statusCode = 400;
    response.end(JSON.stringify({ statusCode: "409", error: "Duplicate", message: "The resource already exists" }));
  } else if (method === "POST") {
    files.set(decodeURIComponent(url), body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1));
    response.end(JSON.stringify({ Key: url, Id: "1" }));
  } else response.end(taken);
});

let project: TestProject;
let ctx: StackContext;
let service: Service;
beforeAll(async () => {
  storage.listen(0, "127.0.0.1");
  await once(storage, "listening");
  const address = storage.address();
  if (address === null || typeof address === "string") throw new Error("Listen as Storage");
  project = createTestProject({});
  const { config } = loadConfig(projectDir);
  ctx = { ...project.ctx, config, projectDir, apiUrl: `http://127.0.0.1:${address.port}` };
  service = createFunctions(ctx);
});
afterAll(async () => {
  await service.close();
  await project.close();
  storage.close();
});

async function post(token: string): Promise<Response> {
  return asGateway(service).request("http://127.0.0.1/audit-heads", {
    method: "POST",
    body: JSON.stringify(heads),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
}

test("audit-heads signs and stores with the secrets that the stack made, once", async () => {
  const { audit_heads_token: token, audit_heads_url: url } = functionSecrets(ctx);
  expect(url).toBe(`${ctx.apiUrl}/functions/v1/audit-heads`);
  const [first, again] = [await post(token), await post(token)];
  expect([first.status, again.status]).toEqual([200, 200]);
  const answer = await first.json();
  expect(answer).toEqual({ path, key_id: expect.any(String), count: 0 });
  expect(await again.json()).toEqual(answer);
  expect([...files.keys()]).toEqual([`/storage/v1/object/audit-heads/${path}`]);
  expect(seen.map(({ method }) => method)).toEqual(["POST", "POST", "GET"]);
  expect(seen[0]).toMatchObject({ apikey: ctx.keys.secret, upsert: "false" });
});

test("audit-heads refuses any other token with problem details", async () => {
  const response = await post(ctx.keys.serviceRole);
  expect([response.status, response.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  expect(await response.json()).toMatchObject({ code: "unauthorized", status: 401 });
});
