import { mkdirSync } from "node:fs";
import path from "node:path";
import { loadConfig } from "../../stack/config/config.ts";
import { createContext } from "../../stack/create-context.ts";
import { createGateway } from "../../stack/gateway/server.ts";
import { createLog } from "../../stack/log.ts";
import { createRest } from "../../stack/rest/service.ts";
import { serverOptions } from "./page.ts";

// The stack's own REST behind its own gateway, with its log, as it runs for an application.
const projectDir = path.join(import.meta.dirname, "..", "..");
const { port, database, stateDir } = serverOptions.parse(JSON.parse(process.argv[2] ?? ""));
mkdirSync(stateDir, { recursive: true });
const { config } = loadConfig(projectDir);
const { log } = createLog(path.join(stateDir, "rest.log"), { console: true });
const ports = { api: port, db: database.port, studio: 0, mail: 0, smtp: 0 };
const { ctx } = createContext({ projectDir, stateDir, config, ports, log });
await createGateway(ctx, { rest: await createRest(ctx) });
process.stdout.write("ready\n");
