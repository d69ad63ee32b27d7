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
  const destination = pino.destination({ dest: file, mkdir: true, sync: true });
  const streams: pino.StreamEntry[] = [{ level: "info", stream: destination }];
  if (options.console) streams.push({ level: "error", stream: errorLines() });
  const log = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    pino.multistream(streams),
  );
  return { log, close: () => destination.end() };
}
