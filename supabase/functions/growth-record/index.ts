// Exports one's own growth record under the caller's own rights; the database writes EXPORT into the audit or gives nothing.
import { answerOf, callerClient } from "../_shared/caller.ts";
import { createApp } from "./app.ts";

Deno.serve(
  createApp(async (request, school_id, format) =>
    answerOf(await callerClient(request).rpc("my_growth_record", { school_id, format })),
  ).fetch,
);
