import { AuthError } from "./errors.ts";

/** The number in the form it is stored in; refuses what is none. Empty stays empty. */
export function normalPhone(phone: string): string {
  const digits = phone.replace(/^\+/, "").replaceAll(" ", "");
  if (phone !== "" && !/^[1-9][0-9]{1,14}$/.test(digits)) {
    throw new AuthError("validation_failed", { message: "Invalid phone number format (E.164 required)" });
  }
  return digits;
}
