import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const secret = z.string().min(1);
const secretsSchema = z.object({
  AUDIT_HEADS_TOKEN: secret,
  AUDIT_SIGNING_KEY: secret,
  NOTIFICATION_MAIL_TOKEN: secret,
});
type Secrets = z.infer<typeof secretsSchema>;

function generate(): Secrets {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    AUDIT_HEADS_TOKEN: randomBytes(32).toString("base64url"),
    NOTIFICATION_MAIL_TOKEN: randomBytes(32).toString("base64url"),
    AUDIT_SIGNING_KEY: JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "ES256" }),
  };
}

/** Secrets that a deployment sets by hand; made once per stack state, so that a fresh clone signs its audit heads too. */
export function generatedSecrets(stateDir: string): Secrets {
  const path = join(stateDir, "functions-secrets.json");
  if (!existsSync(path)) {
    mkdirSync(stateDir, { recursive: true });
    // Renamed into place, so that a start that is killed leaves no half of a file.
    writeFileSync(`${path}.new`, JSON.stringify(generate(), null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return secretsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}
