import type { Logger } from "pino";
import type { Authorizer } from "./authorization/authorize.ts";
import type { RealtimeLimits } from "./limits.ts";
import type { Rate } from "./rate.ts";
import type { Rooms } from "./rooms.ts";
import type { Tokens } from "./tokens.ts";
import type { ChangesDelivery, ChangesService } from "./types.ts";

/** What all sockets share. */
export interface Hub {
  log: Logger;
  limits: RealtimeLimits;
  rooms: Rooms;
  tokens: Tokens;
  authorizer: Authorizer;
  changes: ChangesService;
  replicationReady(): boolean;
  /** By id, where changes of the database are delivered. */
  channels: Map<string, { deliverChange(delivery: ChangesDelivery): void }>;
  rates: { joins: Rate; events: Rate; presence: Rate };
}
