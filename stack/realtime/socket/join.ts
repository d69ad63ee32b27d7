import type { StoredMessage } from "../authorization/authorize.ts";
import type { Ref } from "../frames.ts";
import type { Hub } from "../hub.ts";
import { type RoomMessage, userMessage } from "../messages.ts";
import { Channel, everything, type Rights } from "./channel.ts";
import type { Connection } from "./connection.ts";
import { type JoinConfig, readJoin, readReplay } from "./join-config.ts";
import { watchToken } from "./on-access-token.ts";
import { withinPresenceRate } from "./on-presence.ts";
import { JoinRefused, unauthorized } from "./refusal.ts";

export interface JoinRequest {
  connection: Connection;
  joinRef: Ref;
  ref: Ref;
  topic: string;
  payload: unknown;
  /** Of the socket, for a join without one. */
  token: string;
  headers: Record<string, string>;
  /** Channels that the socket has besides this one. */
  others: number;
  forget(): void;
  /** The socket is gone, or another join of the topic came. */
  abandoned(): boolean;
}

const PREFIX = "realtime:";

function checkLimits({ limits, rates }: Hub, others: number): void {
  if (rates.joins.perSecond() > limits.joinsPerSecond) {
    throw new JoinRefused("ClientJoinRateLimitReached: Too many joins per second", true);
  }
  rates.joins.add(1);
  if (others >= limits.channelsPerSocket) throw new JoinRefused("ChannelRateLimitReached: Too many channels");
}

async function rightsOf(hub: Hub, config: JoinConfig, asker: Channel["asker"]): Promise<Rights> {
  if (!config.private) return everything;
  const read = await hub.authorizer.read(asker, config.presence.enabled);
  if (!read.broadcast && read.presence !== true) throw new JoinRefused(`Unauthorized: ${unauthorized(asker.topic)}`);
  if (config.replay !== undefined && !read.broadcast) {
    throw new JoinRefused(`Unauthorized: ${unauthorized(asker.topic)}`);
  }
  return { read, write: null };
}

function replayable(topic: string, stored: StoredMessage): RoomMessage | null {
  const { id, event, payload, binary_payload } = stored;
  const meta = { replayed: true, id };
  if (event === null) return null;
  if (binary_payload !== null) return userMessage(topic, { event, encoding: "binary", bytes: binary_payload }, meta);
  return userMessage(topic, { event, encoding: "json", bytes: Buffer.from(payload ?? "null") }, meta);
}

async function replay(channel: Channel): Promise<RoomMessage[]> {
  const { hub, config, topic, subTopic } = channel;
  if (config.replay === undefined) return [];
  if (!config.private) throw new JoinRefused("UnableToReplayMessages: Replay is not allowed for public channels");
  const wanted = readReplay(config.replay, hub.limits.replayedMessages);
  if (wanted === null) throw new JoinRefused("UnableToReplayMessages: Replay params are not valid");
  try {
    const stored = await hub.authorizer.stored(subTopic, wanted.since, wanted.limit);
    return stored.flatMap((each) => replayable(topic, each) ?? []);
  } catch (error) {
    hub.log.error({ err: error, topic: subTopic }, "Cannot replay the messages of a channel");
    throw new JoinRefused("UnableToReplayMessages: Realtime was unable to replay messages");
  }
}

function answer(channel: Channel, ref: Ref): void {
  const { hub, config } = channel;
  const { claims } = channel.asker;
  if (config.postgresChanges.length === 0) {
    channel.reply(ref, "ok", { postgres_changes: [] });
    return;
  }
  const asking = { id: channel.id, claims, role: claims.role, topic: channel.subTopic };
  const { ids, settled } = hub.changes.subscribe(asking, config.postgresChanges);
  channel.reply(ref, "ok", { postgres_changes: config.postgresChanges.map((each, i) => ({ ...each, id: ids[i] })) });
  channel.tell(settled);
}

function announceReplication(channel: Channel, deadline: number): void {
  if (channel.hub.replicationReady()) {
    channel.system({ extension: "system", status: "ok", message: "Replication connection established" });
  } else if (Date.now() >= deadline) {
    channel.shutdown("Replication connection was not established in time");
  } else {
    channel.after("replication", 500, () => announceReplication(channel, deadline));
  }
}

/** Throws JoinRefused, TokenError or AuthorizationFailure; nothing is answered then. */
export async function join(hub: Hub, request: JoinRequest): Promise<Channel> {
  const { connection, joinRef, ref, topic, headers, forget } = request;
  const subTopic = topic.slice(PREFIX.length);
  if (subTopic === "") throw new JoinRefused("TopicNameRequired: You must provide a topic name");
  const config = readJoin(request.payload);
  checkLimits(hub, request.others);
  if (config.postgresChanges.length > hub.limits.changesPerChannel) {
    throw new JoinRefused(`Too many postgres_changes: a channel may ask for ${hub.limits.changesPerChannel}`);
  }
  const token = config.token ?? request.token;
  const asker = { topic: subTopic, claims: await hub.tokens.verify(token), headers };
  const rights = await rightsOf(hub, config, asker);
  if (request.abandoned()) throw new JoinRefused("Abandoned");

  const channel = new Channel(hub, { connection, joinRef, subTopic, config, token, asker, rights, forget });
  try {
    const replayed = await replay(channel);
    if (channel.closed || request.abandoned()) throw new JoinRefused("Abandoned");
    watchToken(channel);
    answer(channel, ref);
    if (config.presence.enabled && channel.mayReadPresence()) {
      if (withinPresenceRate(channel)) channel.push("presence_state", channel.room.presence.state());
      else channel.shutdown("Too many presence messages per second");
    }
    channel.open(replayed);
    if (config.replicationReady) announceReplication(channel, Date.now() + hub.limits.replicationReadyMs);
    return channel;
  } catch (error) {
    channel.leave();
    throw error;
  }
}
