import { z } from "zod";
import { AuthError } from "../errors.ts";
import { text } from "../request.ts";

export const authMethods = ["none", "client_secret_basic", "client_secret_post"];
export const grantTypes = ["authorization_code", "refresh_token"];
const forbiddenSchemes = ["javascript:", "data:", "file:", "vbscript:", "about:", "blob:"];
const loopback = ["localhost", "127.0.0.1", "[::1]"];

export function invalid(message: string): AuthError {
  return new AuthError("validation_failed", { message });
}

/** Why an address may not receive codes; null when it may. */
function redirectProblem(uri: string): string | null {
  const url = URL.parse(uri);
  if (uri === "") return "redirect URI cannot be empty";
  if (!url?.host) return "must have scheme and host";
  if (forbiddenSchemes.includes(url.protocol)) {
    return `scheme '${url.protocol.slice(0, -1)}' is not allowed for security reasons`;
  }
  if (url.protocol === "http:" && !loopback.includes(url.hostname)) return "HTTP scheme only allowed for localhost";
  if (uri.includes("#")) return "fragment not allowed in redirect URI";
  // The list is stored as one text, with commas between its entries.
  return uri.includes(",") ? "comma not allowed in redirect URI" : null;
}

export function requireRedirects(uris: string[]): void {
  if (uris.length === 0) throw invalid("redirect_uris is required");
  if (uris.length > 10) throw invalid("redirect_uris cannot exceed 10 items");
  for (const uri of uris) {
    const problem = redirectProblem(uri);
    if (problem) throw invalid(`invalid redirect_uri '${uri}': ${problem}`);
  }
}

export function requireGrantTypes(types: string[]): void {
  if (types.length === 0) throw invalid("grant_types cannot be empty");
  if (types.some((type) => !grantTypes.includes(type))) {
    throw invalid("grant_types must only contain 'authorization_code' and/or 'refresh_token'");
  }
}

export function requireTexts(texts: { client_name: string; client_uri: string; logo_uri: string }): void {
  if (texts.client_name.length > 1024) throw invalid("client_name cannot exceed 1024 characters");
  for (const name of ["client_uri", "logo_uri"] as const) {
    if (texts[name].length > 2048) throw invalid(`${name} cannot exceed 2048 characters`);
    if (texts[name] !== "" && !URL.canParse(texts[name])) throw invalid(`${name} must be a valid URL`);
  }
}

export const clientBody = z.object({
  redirect_uris: z.array(z.string()).nullish(),
  grant_types: z.array(z.string()).nullish(),
  client_name: z.string().nullish(),
  client_uri: z.string().nullish(),
  logo_uri: z.string().nullish(),
  client_type: text,
  token_endpoint_auth_method: z.string().nullish(),
});
export type ClientBody = z.output<typeof clientBody>;

export function typeOfMethod(method: string): "public" | "confidential" {
  return method === "none" ? "public" : "confidential";
}

export function typeAndMethod(body: ClientBody): { type: "public" | "confidential"; method: string } {
  const asked = body.client_type;
  const method = body.token_endpoint_auth_method ?? "";
  if (asked !== "" && asked !== "public" && asked !== "confidential") {
    throw invalid("client_type must be 'public' or 'confidential'");
  }
  if (method !== "" && !authMethods.includes(method)) {
    throw invalid(`token_endpoint_auth_method must be one of: [${authMethods.join(" ")}]`);
  }
  const type = asked === "" ? typeOfMethod(method) : asked;
  if (method !== "" && typeOfMethod(method) !== type) {
    throw invalid(
      `client_type '${type}' is inconsistent with token_endpoint_auth_method '${method}' (expected client_type '${typeOfMethod(method)}')`,
    );
  }
  return { type, method: method || (type === "public" ? "none" : "client_secret_basic") };
}
