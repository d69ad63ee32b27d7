import { Secret, TOTP } from "otpauth";
import QRCode from "qrcode";
import { AuthError } from "../errors.ts";

const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** Steps before and after the present one whose code is taken too, for clocks that differ. */
const WINDOW = 1;

export interface TotpSecret {
  /** Base32, as people type it. */
  secret: string;
  /** What authenticator apps read. */
  uri: string;
}

export function createTotp(issuer: string, account: string): TotpSecret {
  const totp = new TOTP({ issuer, label: account, secret: new Secret({ size: SECRET_BYTES }) });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The step whose code this is, null when the code is wrong. */
export function matchedStep(secret: string, code: string, now: number = Date.now()): number | null {
  // The library compares bytes, and throws when their number differs.
  if (!/^[0-9]{6}$/.test(code.trim())) return null;
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
  const delta = totp.validate({ token: code.trim(), timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

/** As SVG that can stand in a data URI unescaped: clients put it there, where a `#` would end it. */
export async function qrCodeSvg(uri: string): Promise<string> {
  try {
    const svg = await QRCode.toString(uri, { type: "svg", errorCorrectionLevel: "H", width: 200 });
    return svg.trim().replaceAll("#ffffff", "white").replaceAll("#000000", "black");
  } catch (cause) {
    throw new AuthError("validation_failed", { message: "Error generating QR Code", cause });
  }
}
