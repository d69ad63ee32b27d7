import { StorageError } from "../errors.ts";
import type { SignedRequest } from "./signature.ts";

/** What a request or a form says about its signature. */
export interface Signed {
  accessKeyId: string;
  sessionToken?: string;
  /** yyyymmdd */
  day: string;
  /** yyyymmddThhmmssZ */
  time: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  /** The hash of the body, or what stands for it. */
  payload: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const MINUTE = 60 * 1000;
const SKEW = 15 * MINUTE;
const MAX_EXPIRY = 7 * 24 * 60 * 60;

function invalid(message: string): StorageError {
  return new StorageError("InvalidSignature", message);
}

/** The time of a request, which must lie on the day of its credentials. */
function millisecondsOf({ day, time }: { day: string; time: string }): number {
  if (!TIME.test(time) || !time.startsWith(day)) throw invalid("Invalid date of the signature");
  return Date.parse(time.replace(TIME, "$1-$2-$3T$4:$5:$6Z"));
}

/** Splits `<access key>/<day>/<region>/<service>/aws4_request`. */
export function scopeOf(credential: string, time: string) {
  const [accessKeyId, day, region, service, terminator, ...rest] = credential.split("/");
  if (!accessKeyId || !day || region === undefined || !service || terminator !== "aws4_request" || rest.length > 0) {
    throw invalid("Invalid credentials");
  }
  return { accessKeyId, day, time, region, service };
}

/** Whatever tells the service what to do must be covered; a header added on the way changes nothing else. */
function coveredHeaders(list: string, headers: Record<string, string>): string[] {
  const signed = list.split(";");
  const needed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  const open = needed.find((name) => !signed.includes(name));
  if (open !== undefined) throw new StorageError("AccessDenied", `The header '${open}' is not signed`);
  return signed;
}

function fromHeader({ headers }: SignedRequest, authorization: string): Signed {
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(",")
      .map((field) => {
        const [name = "", ...value] = field.trim().split("=");
        return [name, value.join("=")];
      }),
  );
  const time = headers["x-amz-date"];
  const credential = fields.get("Credential");
  const signature = fields.get("Signature");
  const list = fields.get("SignedHeaders");
  if (!time || !credential || !signature || !list) throw invalid("Invalid signature format");
  const scope = scopeOf(credential, time);
  if (Math.abs(Date.now() - millisecondsOf(scope)) > SKEW) throw new StorageError("RequestTimeTooSkewed");
  const payload = headers["x-amz-content-sha256"];
  if (!payload) throw new StorageError("MissingParameter", "Missing required header x-amz-content-sha256");
  return {
    ...scope,
    sessionToken: headers["x-amz-security-token"],
    signedHeaders: coveredHeaders(list, headers),
    signature,
    payload,
  };
}

function fromQuery({ query, headers }: SignedRequest, credential: string): Signed {
  const time = query.get("X-Amz-Date");
  const signature = query.get("X-Amz-Signature");
  const list = query.get("X-Amz-SignedHeaders");
  const expires = query.get("X-Amz-Expires");
  if (!time || !signature || !list || !expires || query.get("X-Amz-Algorithm") !== ALGORITHM) {
    throw invalid("Invalid signature format");
  }
  const seconds = Number(expires);
  if (!/^\d+$/.test(expires) || seconds > MAX_EXPIRY) throw invalid("Invalid expiration");
  const scope = scopeOf(credential, time);
  const start = millisecondsOf(scope);
  if (start + seconds * 1000 < Date.now()) throw new StorageError("ExpiredToken");
  if (start > Date.now() + SKEW) throw new StorageError("RequestTimeTooSkewed");
  return {
    ...scope,
    sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
    signedHeaders: coveredHeaders(list, headers),
    signature,
    payload: headers["x-amz-content-sha256"] ?? query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
  };
}

/** Reads the signature from where it stands; an unrelated Authorization header does not hide the one in the query. */
export function readSignature(request: SignedRequest): Signed {
  const { authorization } = request.headers;
  if (authorization?.startsWith(`${ALGORITHM} `)) return fromHeader(request, authorization);
  const credential = request.query.get("X-Amz-Credential");
  if (credential !== null) return fromQuery(request, credential);
  throw new StorageError("AccessDenied", "Missing signature");
}
