import type { UserMetadata } from "../objects.ts";
import { checkedHeader } from "../upload-body.ts";

export type TusMetadata = Record<string, string | null>;

/** What the client says about the file. */
export interface Description {
  mimeType: string;
  cacheControl: string;
  userMetadata: UserMetadata;
}

export function describe(metadata: TusMetadata): Description {
  return {
    mimeType: checkedHeader(metadata.contentType || "application/octet-stream"),
    cacheControl: cacheControl(metadata.cacheControl),
    userMetadata: userMetadata(metadata.metadata),
  };
}

function cacheControl(value: string | null | undefined): string {
  if (/^max-age=-?\d+$/.test(value ?? "")) return String(value);
  return /^-?\d+$/.test(value ?? "") ? `max-age=${value}` : "no-cache";
}

/** Supabase Storage leaves out what it cannot read. */
function userMetadata(text: string | null | undefined): UserMetadata {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
