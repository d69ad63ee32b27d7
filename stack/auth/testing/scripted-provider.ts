import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface ScriptedProvider {
  issuer: string;
  /** What the token endpoint answers; undefined lets the caller wait for ever. */
  answer: { status: number; body: unknown } | undefined;
  /** What each endpoint was asked, in turn. */
  asked: string[];
  sign(claims: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A provider that says what a test tells it to, for what no honest one says. */
export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    scripted.asked.push(path);
    if (path === "/.well-known/openid-configuration") {
      send(response, 200, {
        issuer: scripted.issuer,
        authorization_endpoint: `${scripted.issuer}/authorize`,
        token_endpoint: `${scripted.issuer}/token`,
        jwks_uri: `${scripted.issuer}/keys`,
        id_token_signing_alg_values_supported: ["RS256"],
      });
    } else if (path === "/keys") {
      void exportJWK(publicKey).then((key) => send(response, 200, { keys: [{ ...key, alg: "RS256" }] }));
    } else if (scripted.answer !== undefined) {
      send(response, scripted.answer.status, scripted.answer.body);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const scripted: ScriptedProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: undefined,
    asked: [],
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return scripted;
}
