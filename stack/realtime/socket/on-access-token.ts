import { z } from "zod";
import type { Incoming } from "../frames.ts";
import { TokenError } from "../tokens.ts";
import type { Channel } from "./channel.ts";
import { shutdownReason, unauthorized } from "./refusal.ts";

const shape = z.object({ access_token: z.string() });

/** Verifies the token again from time to time, and when it ends. */
export function watchToken(channel: Channel): void {
  const { hub, asker, token } = channel;
  const left = (asker.claims.exp ?? 0) * 1000 - Date.now();
  channel.after("token", Math.min(hub.limits.tokenCheckMs, Math.max(0, left) + 1), () => {
    hub.tokens.verify(token).then(
      () => {
        if (channel.token === token) watchToken(channel);
      },
      (error: unknown) => {
        if (channel.token === token) channel.shutdown(shutdownReason(error, channel.subTopic));
      },
    );
  });
}

/** What could be read before and no longer can. */
function lost(channel: Channel, now: { broadcast: boolean; presence: boolean | null }): boolean {
  const { broadcast, presence } = channel.rights.read;
  return (broadcast && !now.broadcast) || (presence === true && now.presence === false);
}

async function renew(channel: Channel, token: string): Promise<void> {
  const { hub, config, subTopic } = channel;
  const claims = await hub.tokens.verify(token);
  const asker = { ...channel.asker, claims };
  if (config.private) {
    const read = await hub.authorizer.read(asker, config.presence.enabled || channel.tracked !== null);
    if (channel.closed) return;
    if (!read.broadcast && read.presence !== true) throw new TokenError("InvalidJWTToken", unauthorized(subTopic));
    if (lost(channel, read)) {
      channel.shutdown(`You no longer have permission to read from this Channel topic: ${subTopic}`);
      return;
    }
    channel.rights = { read, write: null };
  }
  if (channel.closed) return;
  channel.token = token;
  channel.asker = asker;
  watchToken(channel);
  if (config.postgresChanges.length > 0) channel.tell(hub.changes.reauthorize(channel.id, claims));
}

/** A new token is believed or ends the channel; there is no answer. */
export function onAccessToken(channel: Channel, { payload }: Incoming): undefined | Promise<void> {
  const parsed = shape.safeParse(payload.kind === "json" ? payload.value : undefined);
  if (!parsed.success) return;
  const { access_token: token } = parsed.data;
  if (token.startsWith("sb_") || token === channel.token) return;
  return renew(channel, token).catch((error: unknown) => channel.shutdown(shutdownReason(error, channel.subTopic)));
}
