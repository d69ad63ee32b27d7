import { sql } from "kysely";
import { openKysely, connect } from "./database.ts";
import { KINDS, makeBatch } from "./audit/batch.ts";
import { measure } from "./audit/measure.ts";
const target={host:"127.0.0.1",port:55001,database:process.argv[2]!};
const runs=Number(process.argv[3]??7); const sizes=(process.argv[4]??"10000,40,1").split(",").map(Number);
const db=openKysely(target,"supabase_admin");
if (process.argv[5]) await makeBatch(db);
const actor=(await sql<{user_id:string}>`select user_id from public.memberships where team_scope='school' and via_district_membership_id is null order by id limit 1`.execute(db)).rows[0]!.user_id;
const r=(p:{audited:number,bare:number})=>`${p.audited.toFixed(2)} / ${p.bare.toFixed(2)} = ${(p.audited/p.bare).toFixed(2)}`;
for (const rows of sizes) for (const kind of KINDS) {
 const m=await measure(target,{actor,kind,rows,runs:rows<100?61:runs,tidy:async()=>{ if(rows>=10000){await sql`vacuum public.observations, audit.entries, audit.entry_values`.execute(db)}}});
 console.log(rows,kind,"insert",r(m.insert),"update",r(m.update));
}
await db.destroy();
