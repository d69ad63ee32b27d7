import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { inTransaction, isUniqueViolation, type Tx, withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { removeFactor } from "../mfa/factors.ts";
import { ownFactor } from "../mfa/own-factor.ts";
import { normalPhone } from "../phones.ts";
import { type AuthContext, readBody, requestInfo, text } from "../request.ts";
import { requireUserId } from "../user-id.ts";
import { factorJson } from "../user-json.ts";
import { type FactorRow, findUser, lockUser, type User } from "../users.ts";

const updateBody = z.object({ friendly_name: text, phone: text });

/** Does the work on a factor of a user whom nobody else changes meanwhile. */
async function onFactor(
  c: AuthContext,
  auth: Auth,
  work: (tx: Tx, user: User, factor: FactorRow) => Promise<void>,
): Promise<FactorRow> {
  const id = requireUserId(c);
  return inTransaction(auth.pool, async (tx) => {
    const user = await lockUser(tx, id);
    if (!user) throw new AuthError("user_not_found");
    const factor = ownFactor(c, user, "factor");
    await work(tx, user, factor);
    const now = await findUser(tx, id);
    return now?.factors.find((each) => each.id === factor.id) ?? factor;
  });
}

async function updateFactor(c: AuthContext, auth: Auth): Promise<Response> {
  const admin = await requireService(c, auth);
  const body = await readBody(c, updateBody);
  const phone = normalPhone(body.phone);
  const request = requestInfo(c, auth);
  try {
    const factor = await onFactor(c, auth, async (tx, user, { id, factor_type }) => {
      await tx.run(
        `update auth.mfa_factors
            set friendly_name = coalesce(nullif($2, ''), friendly_name),
                phone = case when factor_type = 'phone' then coalesce(nullif($3, ''), phone) else phone end,
                updated_at = now()
          where id = $1`,
        [id, body.friendly_name, phone],
      );
      const traits = { user_id: user.row.id, factor_id: id, factor_type };
      await recordAudit(tx, request, admin, "factor_updated", traits);
    });
    return c.json(factorJson(factor));
  } catch (error) {
    throw isUniqueViolation(error) ? new AuthError("mfa_factor_name_conflict", { cause: error }) : error;
  }
}

export function adminFactorRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get("/admin/users/:id/factors", async (c) => {
      await requireService(c, auth);
      const id = requireUserId(c);
      const user = await withConnection(auth.pool, (db) => findUser(db, id));
      if (!user) throw new AuthError("user_not_found");
      return c.json(user.factors.map(factorJson));
    })
    .put("/admin/users/:id/factors/:factor", (c) => updateFactor(c, auth))
    .delete("/admin/users/:id/factors/:factor", async (c) => {
      await requireService(c, auth);
      const request = requestInfo(c, auth);
      const factor = await onFactor(c, auth, async (tx, user, gone) => {
        await recordAudit(tx, request, user, "factor_deleted", { user_id: user.row.id, factor_id: gone.id });
        await removeFactor(tx, gone);
      });
      return c.json(factorJson(factor));
    });
}
