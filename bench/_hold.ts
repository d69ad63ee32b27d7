import { openBenchDatabase } from "./support/bench-database.ts";
import { openKysely } from "./support/database.ts";
import { makeSessions } from "./heartbeat/sessions.ts";
await using d = await openBenchDatabase({size:100000,fresh:false,runs:undefined});
const db = openKysely(d.target,"supabase_admin"); await makeSessions(db); await db.destroy();
console.log("PORT", d.target.port);
await new Promise(r=>setTimeout(r, Number(process.argv[2])*1000));
