import { Cron } from "croner";

/** When a job is due: by the clock, every few seconds from its last start, or once when the worker starts. */
export type Schedule =
  | { kind: "clock"; next(after: Date): Date | null }
  | { kind: "interval"; milliseconds: number }
  | { kind: "start" };

const macros: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** Reads what `cron.schedule` accepts. Like cron itself, either of two restricted day fields is enough. */
export function parseSchedule(text: string, timezone = "GMT"): Schedule {
  const schedule = text.trim().toLowerCase();
  const seconds = /^([1-9]|[1-5]\d)\s+seconds?$/.exec(schedule)?.[1];
  if (seconds !== undefined) return { kind: "interval", milliseconds: Number(seconds) * 1000 };
  if (schedule === "@reboot") return { kind: "start" };
  const fields = (macros[schedule] ?? schedule).split(/\s+/);
  if (fields[2] === "$") fields[2] = "L";
  const cron = new Cron(fields.join(" "), { timezone, paused: true, domAndDow: false, mode: "5-part" });
  return { kind: "clock", next: (after) => cron.nextRun(after) };
}
