import { accounts } from "./accounts.ts";
import { createApp } from "./app.ts";

Deno.serve(createApp(accounts).fetch);
