import type { StackContext } from "./context.ts";
import { stackKeys } from "./keys.ts";
import { createPools } from "./pools.ts";

type Given = Pick<StackContext, "projectDir" | "stateDir" | "config" | "ports" | "log">;

/** What follows from where a stack lies and which ports it has. */
export function createContext(given: Given): { ctx: StackContext; closePools(): Promise<void> } {
  const { projectDir, config, ports, log } = given;
  const pools = createPools(ports.db, log);
  const ctx: StackContext = {
    ...given,
    keys: stackKeys(projectDir, config),
    apiUrl: `http://127.0.0.1:${ports.api}`,
    dbUrl: `postgresql://postgres:postgres@127.0.0.1:${ports.db}/postgres`,
    mailUrl: `http://127.0.0.1:${ports.mail}`,
    pool: pools.pool,
    connect: pools.connect,
  };
  return { ctx, closePools: pools.close };
}
