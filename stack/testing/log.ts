import { pino } from "pino";

export const testLog = pino({ level: process.env.LOG_LEVEL ?? "silent" });
