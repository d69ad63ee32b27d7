import { readFileSync } from "node:fs";
import { openKysely, connect } from "./support/database.ts";
import { makeSessions, openSessions } from "./heartbeat/sessions.ts";
const target={host:"127.0.0.1",port:Number(process.env.PORT??55001),database:process.argv[2]!};
const db=openKysely(target,"supabase_admin"); if(process.argv[3]) await makeSessions(db);
const [s]=await openSessions(db);
const a=await connect(target,"authenticator"), b=await connect(target,"postgres");
await a.query("select set_config('role','authenticated',false), set_config('request.jwt.claims',$1,false)",[JSON.stringify({sub:s!.user_id,role:"authenticated",aal:"aal1",session_id:s!.session_id})]);
const pid=async(c:any)=>(await c.query("select pg_backend_pid() p")).rows[0].p;
const [pa,pb]=[await pid(a),await pid(b)];
const cpu=(p:number)=>Number(readFileSync(`/proc/${p}/schedstat`,"utf8").split(" ")[0])/1e3;
const N=2000;
for (let r=0;r<4;r++){
 let c0=cpu(pa),t0=performance.now(); for(let i=0;i<N;i++) await a.query({name:"p",text:"select public.session_ping($1,$2)",values:[s!.school_id,s!.id]}); const ca=(cpu(pa)-c0)/N,ta=(performance.now()-t0)/N*1000;
 c0=cpu(pb);t0=performance.now(); for(let i=0;i<N;i++) await b.query({name:"u",text:"update bench.plain_sessions set last_seen_at = now() where school_id=$1 and id=$2",values:[s!.school_id,s!.id]}); const cb=(cpu(pb)-c0)/N,tb=(performance.now()-t0)/N*1000;
 console.log("cpu us",ca.toFixed(0),cb.toFixed(0),(ca/cb).toFixed(2),"wall us",ta.toFixed(0),tb.toFixed(0),(ta/tb).toFixed(2));
}
await a.end();await b.end();await db.destroy();
