import type { SupabaseClient } from "@supabase/supabase-js";
import { Secret, TOTP } from "otpauth";

/** The code that an app shows now, or so many steps of half a minute later; the service takes now's and the next. */
export function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** A code that no step around this one has. */
export function wrongCodeOf(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code)) ?? "";
}

export async function enrollFactor({ auth }: Pick<SupabaseClient, "auth">, friendlyName?: string) {
  const { data, error } = await auth.mfa.enroll({
    factorType: "totp",
    ...(friendlyName === undefined ? {} : { friendlyName }),
  });
  if (error) throw error;
  return { id: data.id, secret: data.totp.secret, uri: data.totp.uri, qrCode: data.totp.qr_code };
}

/** Signs in with the factor: the client's session is aal2 afterwards. */
export async function useFactor(
  { auth }: Pick<SupabaseClient, "auth">,
  factor: { id: string; secret: string },
  steps = 0,
) {
  const { data, error } = await auth.mfa.challengeAndVerify({
    factorId: factor.id,
    code: codeOf(factor.secret, steps),
  });
  if (error) throw error;
  return data;
}
