import { bcryptHash, bcryptMatches } from "./bcrypt.ts";
import { AuthError } from "./errors.ts";
import type { AuthSettings } from "./settings.ts";

const COST = 10;
const MAX_BYTES = 72;

// Compared against when there is no user or no password: the answer then takes as long as a wrong password's.
let absent: Promise<string> | undefined;

function absentHash(): Promise<string> {
  absent ??= bcryptHash(crypto.randomUUID(), COST);
  return absent;
}

export function hashPassword(password: string): Promise<string> {
  return bcryptHash(password, COST);
}

/** Costs one bcrypt comparison whatever is given. */
export async function matchesPassword(password: string, hash: string | null | undefined): Promise<boolean> {
  // bcrypt ignores what lies beyond 72 bytes; a longer password can never have been set.
  const usable = hash?.startsWith("$2") === true && Buffer.byteLength(password) <= MAX_BYTES;
  const matches = await bcryptMatches(password, usable ? hash : await absentHash());
  return usable && matches;
}

/** The reasons why the rules of the project refuse a password; empty when they do not. */
export function weaknesses(password: string, settings: AuthSettings): { reasons: string[]; message: string } {
  const reasons: string[] = [];
  const messages: string[] = [];
  if (Buffer.byteLength(password) < settings.password.minimumLength) {
    reasons.push("length");
    messages.push(`Password should be at least ${settings.password.minimumLength} characters.`);
  }
  const sets = settings.password.requiredCharacters;
  if (sets.some((set) => ![...set].some((character) => password.includes(character)))) {
    reasons.push("characters");
    messages.push(`Password should contain at least one character of each: ${sets.join(", ")}.`);
  }
  return { reasons, message: messages.join(" ") };
}

export function requireStrongPassword(password: string, settings: AuthSettings): void {
  if (Buffer.byteLength(password) > MAX_BYTES) {
    throw new AuthError("validation_failed", { message: `Password cannot be longer than ${MAX_BYTES} characters` });
  }
  const { reasons, message } = weaknesses(password, settings);
  if (reasons.length > 0) throw new AuthError("weak_password", { message, reasons });
}
