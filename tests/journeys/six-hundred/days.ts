/** Days as `2026-11-27`, by the calendar alone: a day at the school is no span of UTC. */
const MS = 86_400_000;

export function today(timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());
}

export function plus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * MS).toISOString().slice(0, 10);
}

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

export function between(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = plus(day, 1)) days.push(day);
  return days;
}
