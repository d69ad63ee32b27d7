import type { StackContext } from "../context.ts";

/** What the workers need of the stack. */
export type JobsContext = Pick<StackContext, "ports" | "log" | "pool" | "connect">;
