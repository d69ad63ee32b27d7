import type { Service, StackContext } from "../context.ts";
import { createApi } from "./api/app.ts";
import { createAuthorizer } from "./authorization/authorize.ts";
import { createChanges } from "./changes/service.ts";
import type { Hub } from "./hub.ts";
import { defaultLimits, type RealtimeLimits } from "./limits.ts";
import { createRate } from "./rate.ts";
import { startReplication } from "./replication/reader.ts";
import { createRooms } from "./rooms.ts";
import { createSocketServer } from "./socket/socket-server.ts";
import { broadcastRow } from "./stored-messages.ts";
import { createTokens } from "./tokens.ts";

export interface RealtimeOptions {
  limits?: Partial<RealtimeLimits>;
}

/** Realtime: broadcast, presence and changes of the database over WebSockets, and broadcasts over HTTP. */
export async function createRealtime(
  ctx: StackContext,
  { limits: given }: RealtimeOptions = {},
): Promise<Required<Service>> {
  const limits = { ...defaultLimits, ...given };
  const log = ctx.log.child({ service: "realtime" });
  const channels: Hub["channels"] = new Map();
  const changes = createChanges(ctx, (channelId, delivery) => channels.get(channelId)?.deliverChange(delivery));
  const hub: Hub = {
    log,
    limits,
    channels,
    changes,
    rooms: createRooms(),
    tokens: createTokens(ctx.keys),
    authorizer: createAuthorizer(ctx, limits.authorization),
    rates: { joins: createRate(), events: createRate(), presence: createRate() },
    replicationReady: () => replication.ready,
  };
  const replication = await startReplication(ctx, {
    onMessageRow: (row) => broadcastRow(hub, row),
    onChanges: (rows) => changes.onChanges(rows),
    onReady: (ready) => changes.onReady(ready),
  });
  const sockets = createSocketServer(hub, ctx.keys);
  return {
    app: createApi(hub),
    upgrade: sockets.upgrade,
    async close() {
      await sockets.close();
      await replication.close();
      await changes.close();
    },
  };
}
