// Called by whoever was shown a certificate: no account, no token, verify_jwt is off in config.toml.
import { adminClient } from "../_shared/admin.ts";
import { answerOf } from "../_shared/caller.ts";
import { createApp } from "./app.ts";

Deno.serve(
  createApp(async (code, client) => answerOf(await adminClient().rpc("verify_certificate", { code, client }))).fetch,
);
