// Called once a day by the database (pg_cron, pg_net) with a token of its own instead of a user's: verify_jwt is off in config.toml.
import { createApp } from "./app.ts";
import { bucketStore } from "./storage.ts";

Deno.serve(createApp(bucketStore).fetch);
