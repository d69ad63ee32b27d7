import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Note, Person } from "./people.ts";

const PATIENCE = 60_000;

/** A subscriber that is left to itself. */
export interface Listener {
  /** The notes that it was told of, in the order of arrival. */
  heard: Note[];
  /** Adds notes until it hears of one: it is subscribed, or is again. */
  expectToHear(): Promise<void>;
  close(): Promise<void>;
}

export function listen(person: Person, ledger: { triedNotes: Set<string> }): Listener {
  const heard: Note[] = [];
  const channel = person.client
    .channel("notes")
    .on<Note>("postgres_changes", { event: "INSERT", schema: "public", table: "notes" }, ({ new: note }) => {
      heard.push(note);
    })
    .subscribe();
  return {
    heard,
    async expectToHear() {
      const until = Date.now() + PATIENCE;
      const added = new Set<string>();
      while (!heard.some(({ id }) => added.has(id))) {
        if (Date.now() > until) throw new Error(`Heard of no new note for ${PATIENCE / 1000} s`);
        const id = randomUUID();
        added.add(id);
        ledger.triedNotes.add(id);
        await person.client.from("notes").insert({ id, body: "Is anybody listening?" });
        await sleep(500);
      }
    },
    async close() {
      await person.client.removeChannel(channel);
    },
  };
}
