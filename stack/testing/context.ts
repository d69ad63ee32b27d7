import path from "node:path";
import { readConfig } from "../config/config.ts";
import type { Ports } from "../context.ts";
import { createContext } from "../create-context.ts";
import type { TestDatabase } from "./database.ts";

export interface ContextOptions {
  /** Keys of config.toml over the defaults. */
  config?: Record<string, unknown>;
  ports?: Partial<Ports>;
}

/** What a service is built from, over the test's database. */
export function testContext(
  { dir, port, log }: Pick<TestDatabase, "dir" | "port" | "log">,
  { config = {}, ports }: ContextOptions = {},
) {
  return createContext({
    projectDir: dir,
    stateDir: path.join(dir, "state"),
    config: readConfig({ project_id: "test", ...config }).config,
    ports: { api: 0, studio: 0, mail: 0, smtp: 0, ...ports, db: port },
    log,
  });
}
