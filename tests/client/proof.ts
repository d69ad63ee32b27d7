import { expect, test } from "vitest";
import { clientSurface } from "./surface.ts";

const methods = new Set([...clientSurface().values()].flat());

function declare(method: string, says: string, work: () => Promise<void> | void): void {
  if (!methods.has(method)) throw new Error(`Cannot prove ${method}: supabase-js has no such method`);
  test(`${method}: ${says}`, work);
}

/** A test that becomes a line of the tables in docs/embedded-stack.md: the method and what the test shows of it. */
export function proves(method: string, says: string, proof: () => Promise<void> | void): void {
  declare(method, says, proof);
}

/** A method that the stack does not have: it is called all the same, and must be refused as Supabase refuses it. */
export function missing(
  method: string,
  reason: string,
  code: string,
  call: () => Promise<unknown>,
  refusal: object = { code },
): void {
  declare(method, `missing, ${reason}; answers \`${code}\``, async () => {
    const outcome = await call().catch((error: unknown) => ({ error }));
    expect(outcome).toMatchObject({ error: refusal });
  });
}
