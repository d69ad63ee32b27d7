import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processStart } from "../../stack/lock.ts";
import { backendPid } from "./support/database.ts";
import { beginResumableUpload, leaveUploadOpen } from "./support/half-upload.ts";
import { type Listener, listen } from "./support/listener.ts";
import { emptyLedger, type Load, startLoad } from "./support/load.ts";
import { createPerson, type Person } from "./support/people.ts";
import { alive, familyOf, type Process } from "./support/processes.ts";
import { createFaultyStack, type FaultyStack, type StackProcess } from "./support/stack-process.ts";
import { expectNoHalfObjects, expectNothingLeftBehind, expectNothingLost } from "./support/state-checks.ts";

const PATIENCE = { timeout: 60_000, interval: 50 };
const ledger = emptyLedger();

let faulty: FaultyStack;
let stack: StackProcess;
let people: Person[];
let load: Load;
let listeners: Listener[];

beforeAll(async () => {
  faulty = await createFaultyStack();
  stack = await faulty.start();
  people = await Promise.all(["ada", "ben"].map((name) => createPerson(stack.connection, name)));
  listeners = people.map((person) => listen(person, ledger));
  await expectListening();
  load = startLoad(stack.connection, people, ledger);
}, 120_000);

afterAll(async () => {
  await load?.stop();
  await Promise.all((listeners ?? []).map((listener) => listener.close()));
  await faulty?.remove();
}, 60_000);

/** Everybody has had so many more notes and files acknowledged. */
async function expectProgress(count: number): Promise<void> {
  const [notes, files] = [ledger.notes.size + count, ledger.files.size + count];
  await expect.poll(() => ledger.notes.size >= notes && ledger.files.size >= files, PATIENCE).toBe(true);
}

/** Everybody hears of their own notes again, and has heard of nobody else's. */
async function expectListening(): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.expectToHear()));
  for (const [index, { heard }] of listeners.entries()) {
    expect(heard.filter(({ owner_id }) => owner_id !== people[index]?.id)).toEqual([]);
  }
}

async function expectGone(processes: Process[]): Promise<void> {
  await expect.poll(() => alive(processes), PATIENCE).toEqual([]);
}

/** The load rests meanwhile, so that what was said to it can be compared with what is there. */
async function expectIntact(): Promise<void> {
  await load.stop();
  await expectNothingLost(stack.connection, ledger);
  await expectNoHalfObjects(stack.connection, faulty.paths, ledger);
  await expectNothingLeftBehind(stack.connection, faulty.paths);
  load = startLoad(stack.connection, people, ledger);
}

function kill(pid: number): void {
  // Zero would be this process and all that belong to it.
  expect(pid).toBeGreaterThan(1);
  process.kill(pid, "SIGKILL");
}

function postmaster(): number {
  return Number(readFileSync(path.join(faulty.paths.dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
}

async function callWork(at = ""): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${stack.connection.SUPABASE_URL}/functions/v1/work${at}`);
  return { status: answer.status, text: await answer.text() };
}

test("a database that is killed ends the stack in words, and the next start has everything", async () => {
  await expectProgress(20);
  const family = familyOf(stack.pid);
  kill(postmaster());
  expect(await stack.ended).toEqual({ code: 1, signal: null });
  expect(stack.output()).toMatch(/The database server ended unexpectedly \(SIGKILL\)/);
  await expectGone(family);

  stack = await faulty.start();
  await expectIntact();
  await expectListening();
  await expectProgress(5);
}, 180_000);

test("a database that recovers from the death of a backend is used again, by the same stack", async () => {
  await expectProgress(20);
  kill(await backendPid(stack.connection));
  await expectProgress(20);
  expect(processStart(stack.pid)).not.toBeNull();
  await expectIntact();
  await expectListening();
}, 180_000);

test("a function that is killed fails the call that it had, and no other", async () => {
  await expectProgress(5);
  const { text: pid } = await callWork();
  const hanging = callWork("/wait");
  await expect.poll(() => callWork("/waiting"), PATIENCE).toMatchObject({ text: "1" });
  const failures = ledger.failures;
  kill(Number(pid));
  expect((await hanging).status).toBeGreaterThanOrEqual(500);
  await expect
    .poll(() => callWork(), PATIENCE)
    .toMatchObject({ status: 200, text: expect.not.stringMatching(`^${pid}$`) });
  await expectProgress(5);
  expect(ledger.failures).toBe(failures);
}, 180_000);

test("a stack that is killed itself leaves nothing that the next start does not clear", async () => {
  await callWork();
  await expectProgress(20);
  const [person] = people;
  if (!person) throw new Error("Nobody is there to upload");
  const uploadRest = await beginResumableUpload(stack.connection, person, ledger);
  await leaveUploadOpen(stack.connection, faulty.paths, person, ledger);
  const family = familyOf(stack.pid);
  kill(stack.pid);
  expect(await stack.ended).toEqual({ code: null, signal: "SIGKILL" });

  stack = await faulty.start();
  await expectGone(family);
  await uploadRest();
  await expectIntact();
  await expectListening();
  await expectProgress(5);
}, 180_000);

test("a stack that is told to stop while it works keeps what it said", async () => {
  await callWork();
  await expectProgress(20);
  const family = familyOf(stack.pid);
  process.kill(stack.pid, "SIGTERM");
  expect(await stack.ended).toEqual({ code: 0, signal: null });
  expect(alive(family)).toEqual([]);
  expect(existsSync(faulty.paths.lockFile)).toBe(false);

  stack = await faulty.start();
  await expectIntact();
  await expectListening();
}, 180_000);

test("a stack that is killed while it starts, starts the next time", async () => {
  await load.stop();
  process.kill(stack.pid, "SIGTERM");
  await stack.ended;
  const before = stack;
  for (const moment of [150, 400, 900, 1800]) await faulty.startAndKill(moment);
  stack = await faulty.start();
  expect(stack.connection).toEqual(before.connection);
  await expectIntact();
  await expectListening();
}, 180_000);
