import { createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import path from "node:path";
import { jwtVerify } from "jose";
import pg from "pg";
import { loadConfig } from "../../stack/config/config.ts";
import { stackKeys } from "../../stack/keys.ts";
import { clientOptions } from "../support/database.ts";
import { CONNECTIONS, PAGE_SQL, serverOptions } from "./page.ts";

// What somebody would write who needed this one page and nothing else: the yardstick.
const projectDir = path.join(import.meta.dirname, "..", "..");
const { port, database } = serverOptions.parse(JSON.parse(process.argv[2] ?? ""));
const { kty, crv, x, y } = stackKeys(projectDir, loadConfig(projectDir).config).signing;
const key = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
const pool = new pg.Pool({ ...clientOptions(database, "authenticator"), max: CONNECTIONS });
const SETTINGS = "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)";

async function answer(authorization: string, schoolId: string): Promise<string> {
  const { payload } = await jwtVerify(authorization.replace("Bearer ", ""), key, { algorithms: ["ES256"] });
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query({ name: "settings", text: SETTINGS, values: [JSON.stringify(payload)] });
    const { rows } = await client.query<{ body: string }>({ name: "page", text: PAGE_SQL, values: [schoolId] });
    await client.query("commit");
    return rows[0]?.body ?? "[]";
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

const server = createServer((request, response) => {
  const schoolId = new URL(request.url ?? "/", "http://bare").searchParams.get("school_id")?.replace("eq.", "") ?? "";
  answer(request.headers.authorization ?? "", schoolId).then(
    (body) => response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(port, "127.0.0.1", () => process.stdout.write("ready\n"));
