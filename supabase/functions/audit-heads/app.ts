import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { auditHeadsSchema, type HeadsStore, recordHeads } from "../_shared/audit-heads.ts";
import { requireBearer } from "../_shared/bearer.ts";
import { createSigner } from "../_shared/detached-jws.ts";
import { AppError, problemResponse } from "../_shared/errors.ts";

/** Enough for the heads of some thirty thousand schools. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Routes of the function; `openStore` is called only once the request has proved to be valid. */
export function createApp(openStore: () => HeadsStore): Hono {
  const app = new Hono();
  app.onError((error) => problemResponse(error));

  app.use(async (c, next) => {
    requireBearer(c.req.raw, Deno.env.get("AUDIT_HEADS_TOKEN"));
    if (c.req.method !== "POST") throw new AppError("method_not_allowed", "Record audit heads: only POST is served");
    await next();
  });

  const limited = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => {
      throw new AppError("payload_too_large", "Read audit heads");
    },
  });

  app.post("*", limited, async (c) => {
    const body = auditHeadsSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) {
      const [issue] = body.error.issues;
      throw new AppError("invalid_request", `Read audit heads: ${issue?.path.join(".") || "the body"} is not valid`);
    }
    const signer = await createSigner(Deno.env.get("AUDIT_SIGNING_KEY"));
    // The sender repeats itself until it has heard 200, so the first time and every later one answer alike.
    return c.json(await recordHeads(body.data, signer, openStore()));
  });

  return app;
}
