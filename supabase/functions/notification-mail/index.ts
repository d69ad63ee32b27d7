// Called by the database (pg_cron, pg_net) with a token of its own instead of a user's: verify_jwt is off in config.toml.
import { createApp } from "./app.ts";
import { smtpSender } from "./smtp.ts";

Deno.serve(createApp(smtpSender).fetch);
