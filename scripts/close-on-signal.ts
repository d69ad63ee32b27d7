/** Closes what is open, or will be in a moment, before a signal ends the command: a database must not outlive it. */
export function closeOnSignal(opening: Promise<{ close(): Promise<void> }>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      void opening
        .then((opened) => opened.close())
        .catch(() => {})
        .finally(() => process.exit(130));
    });
  }
}
