import { openKysely } from "./database.ts";
import { findPersonas } from "./rls/personas.ts";
import { casesFor } from "./rls/cases.ts";
import { measure } from "./rls/measure.ts";
import { writeFileSync } from "node:fs";
const target={host:"127.0.0.1",port:55001,database:process.argv[2]!};
const db=openKysely(target,"supabase_admin");
const p=await findPersonas(db);
for (const c of casesFor(p)) {
  try {
  const m=await measure(target,c,31);
  console.log(c.persona.padEnd(26),c.filter.padEnd(12),m.rows,"prep",m.prepared.asUser.toFixed(2),m.prepared.byHand.toFixed(2),"plan",m.planned.asUser.toFixed(2),m.planned.byHand.toFixed(2));
  writeFileSync(`/tmp/hub/bench/plan-${c.persona.replace(/\W+/g,"-")}-${c.filter}.txt`, m.plans.asUser+"\n\n---hand\n"+m.plans.byHand);
  } catch(e){console.log(c.persona,c.filter,String(e))}
}
await db.destroy();
