import { command } from "./options.ts";
import { checkStyle, checkTypes } from "./suites/static-checks.ts";

await command(async () => {
  const results = (await Promise.all([checkTypes(), checkStyle()])).flat();
  for (const { name, status, message } of results) {
    process.stdout.write(`${status === "passed" ? "✓" : "✗"} ${name}\n${message ? `${message}\n` : ""}`);
  }
  return results.every(({ status }) => status === "passed") ? 0 : 1;
});
