import { AlreadyRunningError } from "./lock.ts";
import { consoleProgress } from "./progress.ts";
import { connectionOf, panel } from "./status.ts";
import { up } from "./up.ts";

/** Ctrl-C reaches this process directly and once more through the commands above it. */
const IMPATIENT_AFTER = 2000;

export interface MainOptions {
  projectDir: string;
  state?: string;
  port?: number;
}

const signIns = `  Sign-ins         admin@, principal@, leader@, teacher1@, student1@, parent1@ … hrz-01.example.test
                   password Growth-Hub-2026!`;

/** Runs the stack until it is told to stop; the exit code. */
export async function runStack(options: MainOptions): Promise<number> {
  const began = performance.now();
  let stopSince: number | null = null;
  let failure: Error | null = null;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const onSignal = () => {
    if (stopSince !== null && performance.now() - stopSince > IMPATIENT_AFTER) process.exit(130);
    stopSince ??= performance.now();
    stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);

  const starting = up({
    ...options,
    progress: consoleProgress(),
    onFailure: (error) => {
      failure = error;
      stop();
    },
  });
  try {
    const stack = await starting;
    if (stopSince === null && failure === null) {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const connection = connectionOf(stack.ctx);
      process.stdout.write(`\n  Ready in ${seconds} s. Stop with Ctrl-C.\n\n${panel(connection)}\n${signIns}\n\n`);
    }
    await stopped;
    process.stdout.write("\n  Stopping …\n");
    await stack.close();
    if (failure !== null) throw failure;
    process.stdout.write("  Stopped. The data stays for the next start.\n");
    return 0;
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof AlreadyRunningError) {
      process.stderr.write("See it with: npm run status. Stop it with: npm stop\n");
    }
    return 1;
  }
}
