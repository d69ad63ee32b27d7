import { anonymous, type Client } from "./clients.ts";
import { mailTo } from "./inbox.ts";
import { unwrap } from "./unwrap.ts";

/** Follows the link of the newest mail to an address, as a browser would, and signs in with what it ends in. */
export async function followMail(email: string): Promise<Client> {
  const answer = await fetch((await mailTo(email)).link, { redirect: "manual" });
  const fragment = new URLSearchParams(new URL(String(answer.headers.get("location"))).hash.slice(1));
  const client = anonymous();
  const [access_token, refresh_token] = [fragment.get("access_token"), fragment.get("refresh_token")];
  unwrap(await client.auth.setSession({ access_token: String(access_token), refresh_token: String(refresh_token) }));
  return client;
}
