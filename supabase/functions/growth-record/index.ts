// Exports one's own growth record under the caller's own rights; the database writes EXPORT into the audit or gives nothing.
import { callerClient, databaseProblem } from "../_shared/caller.ts";
import { createApp } from "./app.ts";

Deno.serve(
  createApp(async (request, school_id, format) => {
    const { data, error } = await callerClient(request).rpc("my_growth_record", { school_id, format });
    if (error) throw databaseProblem("Export the growth record", error);
    return data;
  }).fetch,
);
