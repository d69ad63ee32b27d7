const SECOND = 1000;
const MB = 1_000_000;

/** Every limit of Realtime in one place. Where a local value is wider than the platform's, the comment names the platform's. */
export interface RealtimeLimits {
  /** Open sockets (platform: 200 on its free plan). */
  sockets: number;
  channelsPerSocket: number;
  /** Entries of postgres_changes in one join (platform: no limit of its own). */
  changesPerChannel: number;
  /** Mean over a minute (platform: 100). */
  joinsPerSecond: number;
  /** Messages in and out, mean over a minute (platform: 100). */
  eventsPerSecond: number;
  /** Mean over a minute (platform: 1000). */
  presenceEventsPerSecond: number;
  /** Presence calls of one channel within a window. */
  clientPresence: { calls: number; windowMs: number };
  payloadBytes: number;
  frameBytes: number;
  /** How long a refused handshake waits for its answer, so that a broken client does not hammer. */
  connectErrorMs: number;
  /** The same for a refused join. */
  joinErrorMs: number;
  /** A socket that says nothing for so long is closed; clients send a heartbeat every 25 s. */
  idleMs: number;
  /** Tokens are looked at again at least this often. */
  tokenCheckMs: number;
  /** Bytes that may wait for a slow consumer before it is cut off. */
  outgoingBytes: number;
  /** Bytes of one socket that may wait for a permission before no more are read. */
  incomingBytes: number;
  /** Permission checks in the database at the same time, and how long one waits for its turn. */
  authorization: { concurrent: number; waitMs: number };
  replayedMessages: number;
  replicationReadyMs: number;
}

export const defaultLimits: RealtimeLimits = {
  sockets: 10_000,
  channelsPerSocket: 100,
  changesPerChannel: 100,
  joinsPerSecond: 5000,
  eventsPerSecond: 100_000,
  presenceEventsPerSecond: 10_000,
  clientPresence: { calls: 5, windowMs: 30 * SECOND },
  payloadBytes: 3 * MB + 500,
  frameBytes: 5 * MB,
  connectErrorMs: 2 * SECOND,
  joinErrorMs: 5 * SECOND,
  idleMs: 60 * SECOND,
  tokenCheckMs: 300 * SECOND,
  outgoingBytes: 16 * MB,
  incomingBytes: MB,
  authorization: { concurrent: 8, waitMs: 10 * SECOND },
  replayedMessages: 25,
  replicationReadyMs: 60 * SECOND,
};
