import { type Answer, answer } from "./answer.ts";
import { type Engine, type RestRequest, type Run, run } from "./engine.ts";
import { RestError } from "./errors.ts";
import type { Output } from "./media-type.ts";
import type { Statement } from "./pipeline.ts";

/** Plans show what row-level security hides, so they are off unless `db_plan_enabled` says otherwise. */
export function requirePlan(engine: Engine, output: Output): void {
  if (output.kind === "plan" && !engine.config.plan) {
    throw new RestError(406, "PGRST107", "None of these media types are available: application/vnd.pgrst.plan");
  }
}

/** `explain` in place of the result. Without `analyze` nothing is executed. */
export async function planAnswer(
  engine: Engine,
  request: RestRequest,
  main: Statement,
  output: Output & { kind: "plan" },
  options: Run,
): Promise<Answer> {
  const settings = [...output.options, `format ${output.format}`].join(", ");
  const explain = { text: `explain (${settings}) ${main.text}`, values: main.values };
  const result = await run(engine, request, explain, { ...options, verdict: null });
  const headers: [string, string][] = [["Content-Type", output.contentType]];
  return answer({ ...result, headers: null, status: null }, 200, headers, result.plan);
}
