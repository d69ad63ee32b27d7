import assert from "node:assert/strict";
import { answerOf, callerClient } from "../_shared/caller.ts";
import { AppError } from "../_shared/errors.ts";

const refusal = (code: string, hint: string | null = null) => ({
  data: null,
  error: { code, message: "Cannot act", hint },
});
const thrown = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("It refused nothing");
};

Deno.test("refusals of the database keep their meaning and its words, and its failures tell nothing", () => {
  assert.deepEqual(
    ["PT404", "PT409", "PT422", "PT429", "42501", "PGRST301", "57014", "23505"].map(
      (code) => thrown(() => answerOf(refusal(code))).code,
    ),
    [
      "not_found",
      "conflict",
      "rejected",
      "rate_limited",
      "unauthorized",
      "unauthorized",
      "database_failed",
      "database_failed",
    ],
  );
  assert.equal(thrown(() => answerOf(refusal("PT422", "Do this."))).message, "Cannot act. Do this.");
  assert.equal(thrown(() => answerOf(refusal("23505", "Key (email)=(a@b) exists."))).message, "Ask the database");
});

Deno.test("answers are what the database said, nothing included", () => {
  assert.deepEqual(answerOf({ data: [1], error: null }), [1]);
  assert.equal(answerOf({ data: null, error: null }), null);
});

Deno.test("a caller without a bearer token has no client", () => {
  for (const authorization of [undefined, "Basic abc"]) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    assert.equal(thrown(() => callerClient(new Request("http://x", { headers }))).code, "unauthorized");
  }
});
