import { Hono } from "hono";
import { cors } from "hono/cors";
import { z } from "zod";
import { AppError, problemResponse } from "../_shared/errors.ts";

const answerSchema = z.union([
  z.null(),
  z.object({ limited: z.literal(true) }),
  z.object({ valid: z.literal(false), revoked_on: z.iso.date() }),
  z.object({
    valid: z.literal(true),
    holder: z.string(),
    title: z.string(),
    hours: z.number(),
    held_on: z.iso.date(),
    school: z.string(),
  }),
]);
/** Twenty letters and digits, in whatever groups they were typed. */
const codeSchema = z.string().regex(/^\s*(?:[0-9A-Za-z][\s-]*){20}$/);

export type Verify = (code: string, client: string) => Promise<unknown>;

/** `GET ?code=` answers what the certificate says, for anybody; a code that does not exist is 404, whatever is wrong with it. */
export function createApp(verify: Verify): Hono {
  const app = new Hono();
  app.onError((error) => problemResponse(error));
  app.use(cors({ origin: "*", allowHeaders: ["authorization", "apikey", "content-type", "x-client-info"] }));

  app.get("*", async (c) => {
    c.header("cache-control", "no-store");
    const code = codeSchema.safeParse(c.req.query("code"));
    if (!code.success) throw new AppError("not_found", "Verify the certificate");
    // The limit spares the database; what protects the codes is their hundred bits, whatever address a client invents.
    const client = c.req.header("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
    const answer = answerSchema.parse(await verify(code.data, client));
    if (answer === null) throw new AppError("not_found", "Verify the certificate");
    if ("limited" in answer) throw new AppError("rate_limited", "Verify the certificate: try again in an hour");
    return c.json(answer);
  });
  app.all("*", () => {
    throw new AppError("method_not_allowed", "Verify a certificate: only GET is served");
  });

  return app;
}
