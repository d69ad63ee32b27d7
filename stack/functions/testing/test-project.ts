import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import type { Logger } from "pino";
import { loadConfig } from "../../config/config.ts";
import type { GatewayEnv, Service, StackContext } from "../../context.ts";
import { createContext } from "../../create-context.ts";
import { testLog } from "../../testing/log.ts";
import { scratchDir } from "../../testing/scratch-dir.ts";
import { createFunctions } from "../service.ts";
import type { WorkerLimits } from "../worker.ts";

export interface TestProject {
  ctx: StackContext;
  service: Service;
  /** Calls the service as the gateway does. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Writes a file below supabase/functions. */
  write(path: string, content: string): void;
  close(): Promise<void>;
}

export interface TestProjectOptions {
  config?: string;
  limits?: Partial<WorkerLimits>;
  apiPort?: number;
  log?: Logger;
}

/** Tells the service of the caller what the gateway would. */
export function asGateway(service: Service): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use(async (c, next) => {
    c.set("ip", "127.0.0.9");
    c.set("requestId", "request-1");
    await next();
  });
  return app.route("/", service.app);
}

/** A project of its own with the given functions, each without `verify_jwt` unless `config` says otherwise. */
export function createTestProject(files: Record<string, string>, options: TestProjectOptions = {}): TestProject {
  const projectDir = scratchDir("functions");
  mkdirSync(join(projectDir, "supabase/functions"), { recursive: true });
  const write = (path: string, content: string) => {
    const file = join(projectDir, "supabase/functions", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const slugs = new Set(
    Object.keys(files)
      .filter((path) => path.endsWith("/index.ts"))
      .map((path) => dirname(path)),
  );
  const open = [...slugs].map((slug) => `[functions.${slug}]\nverify_jwt = false\n`).join("\n");
  writeFileSync(join(projectDir, "supabase/config.toml"), options.config ?? `project_id = "test"\n${open}`);

  const { config } = loadConfig(projectDir);
  const { ctx } = createContext({
    projectDir,
    stateDir: join(projectDir, "state"),
    config,
    ports: { api: options.apiPort ?? 1, db: 1, studio: 1, mail: 1, smtp: 1 },
    log: options.log ?? testLog,
  });
  const limits = { bootMs: 20_000, idleMs: 60_000, wallClockMs: 60_000, ...options.limits };
  const service = createFunctions(ctx, limits);
  const gateway = asGateway(service);
  return {
    ctx,
    service,
    call: async (path, init) => gateway.request(`http://127.0.0.1:54321${path}`, init),
    write,
    async close() {
      await service.close();
      rmSync(projectDir, { recursive: true, force: true });
    },
  };
}
