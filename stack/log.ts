import { mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import pino, { type Logger } from "pino";
import { z } from "zod";

const line = z.looseObject({ msg: z.string().default(""), err: z.looseObject({ message: z.string() }).optional() });

/** Shows one line per error to the person at the screen; the file has the rest. */
function errorLines(): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      const { success, data } = line.safeParse(JSON.parse(String(chunk)));
      if (success) process.stderr.write(`  ! ${[data.msg, data.err?.message].filter(Boolean).join(": ")}\n`);
      done();
    },
  });
}

/** What helps of an error; a database error carries its whole connection, password included. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return "code" in error ? { message, code: error.code, stack, ...cause } : { message, stack, ...cause };
}

export interface StackLog {
  log: Logger;
  close(): void;
}

/** Everything as JSON lines to a file, errors to the console as well. */
export function createLog(file: string, options: { console: boolean }): StackLog {
  mkdirSync(path.dirname(file), { recursive: true });
  // Not synchronously: each request has a line, and none should wait for the disk. What is left is written at the end.
  const destination = pino.destination({ dest: openSync(file, "a"), sync: false });
  const flush = () => destination.flushSync();
  process.once("exit", flush);
  const streams: pino.StreamEntry[] = [{ level: "info", stream: destination }];
  if (options.console) streams.push({ level: "error", stream: errorLines() });
  const log = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    pino.multistream(streams),
  );
  const close = () => {
    process.off("exit", flush);
    flush();
    destination.end();
  };
  return { log, close };
}
