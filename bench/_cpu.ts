import { readFileSync } from "node:fs";
import pg from "pg";
import { insertSql, updateSql } from "./audit/batch.ts";
const db=process.argv[2]!, runs=Number(process.argv[3]??3), sizes=(process.argv[4]??"10000").split(",").map(Number);
const mk=async()=>{const c=new pg.Client({host:"127.0.0.1",port:55001,user:"postgres",password:"postgres",database:db});await c.connect();const pid=(await c.query("select pg_backend_pid() p")).rows[0].p;return {c,pid};};
const on=await mk(), off=await mk();
const actor=(await on.c.query("select user_id from public.memberships where team_scope='school' and via_district_membership_id is null order by id limit 1")).rows[0].user_id;
const cpu=(pid:number)=>Number(readFileSync(`/proc/${pid}/schedstat`,"utf8").split(" ")[0])/1e6;
const med=(a:number[])=>a.toSorted((x,y)=>x-y)[a.length>>1]!;
for (const n of sizes) for (const kind of ["submitted","draft"] as const) {
  const T:any={on:{i:[],u:[]},off:{i:[],u:[]}};
  for (let r=-1;r<(n<1000?41:runs);r++) {
   for (const [side,{c,pid}] of [["on",on],["off",off]] as const) {
    await c.query("begin");
    await c.query("select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true)",[JSON.stringify({sub:actor,role:"authenticated",session_id:"5e551011-0000-4000-8000-000000000000"}),JSON.stringify({"x-request-id":"bench","x-forwarded-for":"192.0.2.1","user-agent":"bench"})]);
    if (side==="off") for (const t of ["_900_audit_created","_900_audit_changed"]) await c.query(`alter table public.observations disable trigger ${t}`);
    await c.query(insertSql(kind,0,0)); await c.query(updateSql(kind,0,0));
    const a=cpu(pid); await c.query(insertSql(kind,1,n)); const b=cpu(pid); await c.query(updateSql(kind,1,n)); const d=cpu(pid);
    await c.query("rollback");
    if(r>=0){T[side].i.push(b-a);T[side].u.push(d-b);}
   }
   if (n>=10000) await on.c.query("vacuum public.observations, audit.entries, audit.entry_values");
  }
  const f=(k:string)=>`${med(T.on[k]).toFixed(2)} / ${med(T.off[k]).toFixed(2)} = ${(med(T.on[k])/med(T.off[k])).toFixed(2)}`;
  console.log("cpu",n,kind,"insert",f("i"),"update",f("u"));
}
await on.c.end(); await off.c.end();
