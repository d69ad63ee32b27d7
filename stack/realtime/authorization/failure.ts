import pg from "pg";
import { NoTurn } from "./turnstile.ts";

/** Why the database could not say what somebody may do. */
export type FailureKind = "policy" | "canceled" | "missing_partition" | "no_turn" | "unavailable";

export class AuthorizationFailure extends Error {
  override readonly name = "AuthorizationFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, cause: unknown) {
    super(cause instanceof Error ? cause.message : "Cannot ask the database", { cause });
    this.kind = kind;
  }
}

/** SQLSTATE classes of a server that goes away, is full, or starts. */
const UNAVAILABLE = /^(08|53|57P|58|XX)/;

export function failureOf(error: unknown): AuthorizationFailure {
  if (error instanceof NoTurn) return new AuthorizationFailure("no_turn", error);
  if (!(error instanceof pg.DatabaseError)) return new AuthorizationFailure("unavailable", error);
  const code = error.code ?? "";
  if (code === "57014") return new AuthorizationFailure("canceled", error);
  if (code === "23514" && error.table === "messages") return new AuthorizationFailure("missing_partition", error);
  return new AuthorizationFailure(UNAVAILABLE.test(code) ? "unavailable" : "policy", error);
}
