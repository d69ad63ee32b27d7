import { z } from "zod";
import { isJsonObject } from "../json-object.ts";
import type { PostgresChangesConfig } from "../types.ts";

/** Booleans may come as text; what is neither counts as absent. */
const flag = z
  .union([
    z.boolean(),
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(["true", "false"]))
      .transform((text) => text === "true"),
  ])
  .catch(false);
const text = z.string().optional().catch(undefined);

const broadcast = z
  .looseObject({ ack: flag, self: flag, replication_ready: flag })
  .catch({ ack: false, self: false, replication_ready: false });
const presence = z
  .object({ enabled: flag, key: z.union([z.string(), z.number().transform(String)]).catch("") })
  .catch({ enabled: false, key: "" });
const config = z
  .object({
    broadcast,
    presence,
    private: flag,
    postgres_changes: z.array(z.unknown()).catch([]),
  })
  .catch({
    broadcast: { ack: false, self: false, replication_ready: false },
    presence: { enabled: false, key: "" },
    private: false,
    postgres_changes: [],
  });
const payload = z.object({ access_token: text, user_token: text, config });

export interface JoinConfig {
  /** The token to use instead of the socket's own. */
  token: string | null;
  ack: boolean;
  self: boolean;
  replicationReady: boolean;
  /** As the client wrote it; undefined when it did not ask. */
  replay: unknown;
  presence: { enabled: boolean; key: string };
  private: boolean;
  postgresChanges: PostgresChangesConfig[];
}

/** Reads the payload of phx_join; whatever is not understood gets its default, as a join is never refused for its shape. */
export function readJoin(value: unknown): JoinConfig {
  const { access_token, user_token, config } = payload.parse(isJsonObject(value) ? value : {});
  const token = access_token?.startsWith("sb_") ? null : (user_token ?? access_token ?? null);
  const { ack, self, replication_ready, replay } = config.broadcast;
  return {
    token: token?.startsWith("sb_") ? null : token,
    ack,
    self,
    replicationReady: replication_ready,
    replay: replay ?? undefined,
    presence: config.presence,
    private: config.private,
    postgresChanges: config.postgres_changes.filter(isJsonObject),
  };
}

/** Years 1 to 9999, which both sides can write. */
const instant = z.number().int().min(-62_135_596_800_000).max(253_402_300_799_999);
const replayShape = z.object({ since: instant, limit: z.number().int().nullish() });

/** Null when the parameters make no sense. */
export function readReplay(replay: unknown, most: number): { since: Date; limit: number } | null {
  const parsed = replayShape.safeParse(replay);
  if (!parsed.success) return null;
  return { since: new Date(parsed.data.since), limit: Math.max(1, Math.min(parsed.data.limit ?? most, most)) };
}
