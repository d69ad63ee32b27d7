import { randomBytes } from "node:crypto";

export type Meta = Record<string, unknown> & { phx_ref: string; phx_ref_prev?: string };
export type PresenceState = Record<string, { metas: Meta[] }>;

export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

/** Who is in a room: under each key one entry for each channel that tracks itself there. */
export interface Presence<Tracker> {
  track(tracker: Tracker, key: string, payload: Record<string, unknown>): PresenceDiff;
  /** Null when the tracker was not present. */
  untrack(tracker: Tracker, key: string): PresenceDiff | null;
  state(): PresenceState;
}

export function createPresence<Tracker>(): Presence<Tracker> {
  const keys = new Map<string, Map<Tracker, Meta>>();
  const only = (key: string, meta: Meta): PresenceState => Object.fromEntries([[key, { metas: [meta] }]]);

  return {
    track(tracker, key, payload) {
      const trackers = keys.get(key) ?? new Map<Tracker, Meta>();
      keys.set(key, trackers);
      const previous = trackers.get(tracker);
      const meta: Meta = { ...payload, phx_ref: randomBytes(9).toString("base64url") };
      if (previous !== undefined) meta.phx_ref_prev = previous.phx_ref;
      trackers.set(tracker, meta);
      return { joins: only(key, meta), leaves: previous === undefined ? {} : only(key, previous) };
    },
    untrack(tracker, key) {
      const trackers = keys.get(key);
      const meta = trackers?.get(tracker);
      if (trackers === undefined || meta === undefined) return null;
      trackers.delete(tracker);
      if (trackers.size === 0) keys.delete(key);
      return { joins: {}, leaves: only(key, meta) };
    },
    state: () => Object.fromEntries([...keys].map(([key, trackers]) => [key, { metas: [...trackers.values()] }])),
  };
}
