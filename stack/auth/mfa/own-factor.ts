import { z } from "zod";
import { AuthError } from "../errors.ts";
import type { AuthContext } from "../request.ts";
import type { FactorRow, User } from "../users.ts";

/** The factor that the address names, when it is the user's. */
export function ownFactor(c: AuthContext, user: User, param: string): FactorRow {
  const id = c.req.param(param) ?? "";
  if (!z.guid().safeParse(id).success) {
    throw new AuthError("validation_failed", { status: 404, message: "factor_id must be an UUID" });
  }
  const factor = user.factors.find((each) => each.id === id.toLowerCase());
  if (!factor) throw new AuthError("mfa_factor_not_found");
  return factor;
}
