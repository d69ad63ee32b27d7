import { z } from "zod";
import { AuthError } from "./errors.ts";
import type { AuthContext } from "./request.ts";

/** The user's id in the address of an admin request. */
export function requireUserId(c: AuthContext): string {
  const id = c.req.param("id") ?? "";
  if (!z.guid().safeParse(id).success) {
    throw new AuthError("validation_failed", { status: 404, message: "user_id must be an UUID" });
  }
  return id;
}
