import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { z } from "zod";
import { answerOf, callerClient } from "../_shared/caller.ts";
import { AppError, problemResponse } from "../_shared/errors.ts";
import type { Accounts } from "./accounts.ts";
import { invitationsSchema, signInSchema } from "./requests.ts";

const MAX_BYTES = 1024 * 1024;

async function bodyOf<T extends z.ZodType>(request: Request, schema: T, action: string): Promise<z.infer<T>> {
  const body = schema.safeParse(await request.json().catch(() => undefined));
  if (body.success) return body.data;
  const [issue] = body.error.issues;
  throw new AppError("invalid_request", `${action}: ${issue?.path.join(".") || "the body"} is not valid`);
}

/**
 * People who get a sign-in from their school. The database decides by the caller's own token; Auth is asked only once it has agreed.
 * - POST /people/invitations: rpc invite_people, then a mail to each who has not accepted: [{…, mail: "sent" | "failed" | "none"}]
 * - POST /people/sign-ins: rpc prepare_sign_in, then the password: {membership_id, email}
 */
export function createApp(accounts: Accounts): Hono {
  const app = new Hono().basePath("/people");
  app.onError((error) => problemResponse(error));
  app.notFound(() => problemResponse(new AppError("not_found", "Find the route")));
  app.use(cors({ origin: "*", allowHeaders: ["authorization", "apikey", "content-type", "x-client-info"] }));
  app.use(
    bodyLimit({
      maxSize: MAX_BYTES,
      onError: () => {
        throw new AppError("payload_too_large", "Read the request");
      },
    }),
  );

  app.post("/invitations", async (c) => {
    const { school_id, people, redirect_to } = await bodyOf(c.req.raw, invitationsSchema, "Invite the people");
    const invited = answerOf(await callerClient(c.req.raw).rpc("invite_people", { school_id, people }));
    const outcomes = [];
    // One after the other: Auth counts what it sends, and a list is not urgent.
    for (const { full_name, waiting, ...person } of invited) {
      const mail = waiting
        ? await accounts.invite(person.email, full_name, redirect_to).then(
            () => "sent",
            (error: unknown) => {
              console.error("auth_failed", error);
              return "failed";
            },
          )
        : "none";
      outcomes.push({ ...person, mail });
    }
    return c.json(outcomes);
  });

  app.post("/sign-ins", async (c) => {
    const { password, ...student } = await bodyOf(c.req.raw, signInSchema, "Set the sign-in");
    const [prepared] = answerOf(await callerClient(c.req.raw).rpc("prepare_sign_in", student));
    if (!prepared) throw new AppError("conflict", "Set the sign-in: the student signs in by mail");
    const { membership_id, email, full_name, user_id } = prepared;
    await accounts.setPassword(email, full_name, password, user_id);
    return c.json({ membership_id, email });
  });

  return app;
}
