import type { RoomMessage } from "./messages.ts";
import { createPresence, type Presence } from "./presence.ts";

/** A joined channel, as its room sees it. */
export interface Member {
  mayReadBroadcasts(): boolean;
  mayReadPresence(): boolean;
  deliver(message: RoomMessage): void;
}

/** Those who joined one topic with the same privacy: public and private channels of a name never meet. */
export interface Room {
  /** With `realtime:` in front, as frames name it. */
  readonly topic: string;
  readonly members: ReadonlySet<Member>;
  readonly presence: Presence<Member>;
}

export interface Rooms {
  enter(subTopic: string, isPrivate: boolean, member: Member): Room;
  leave(subTopic: string, isPrivate: boolean, member: Member): void;
  find(subTopic: string, isPrivate: boolean): Room | undefined;
}

const keyOf = (subTopic: string, isPrivate: boolean) => `${isPrivate ? "private" : "public"}:${subTopic}`;

export function createRooms(): Rooms {
  const rooms = new Map<string, Room & { members: Set<Member> }>();
  return {
    enter(subTopic, isPrivate, member) {
      const key = keyOf(subTopic, isPrivate);
      let room = rooms.get(key);
      if (room === undefined) {
        room = { topic: `realtime:${subTopic}`, members: new Set(), presence: createPresence() };
        rooms.set(key, room);
      }
      room.members.add(member);
      return room;
    },
    leave(subTopic, isPrivate, member) {
      const key = keyOf(subTopic, isPrivate);
      const room = rooms.get(key);
      room?.members.delete(member);
      if (room?.members.size === 0) rooms.delete(key);
    },
    find: (subTopic, isPrivate) => rooms.get(keyOf(subTopic, isPrivate)),
  };
}

/** Returns how many received it. */
export function broadcast(room: Room, message: RoomMessage, except?: Member): number {
  let receivers = 0;
  for (const member of room.members) {
    if (member === except || !member.mayReadBroadcasts()) continue;
    member.deliver(message);
    receivers++;
  }
  return receivers;
}

export function broadcastPresence(room: Room, message: RoomMessage): number {
  let receivers = 0;
  for (const member of room.members) {
    if (!member.mayReadPresence()) continue;
    member.deliver(message);
    receivers++;
  }
  return receivers;
}
