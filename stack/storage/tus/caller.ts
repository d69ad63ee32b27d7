import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import { actorOf, factsOf } from "../request.ts";
import { type Actor, type RequestFacts, serviceActor } from "../session.ts";
import type { UploadId } from "./upload-id.ts";

/** In whose name a request works on an upload. */
export interface Caller {
  actor: Actor;
  facts: RequestFacts;
  owner?: string;
  upsert: boolean;
  /** Equal for the requests that may work on the same upload. */
  identity: string;
}

/** Says who is calling, once it is known about which object. */
export type FindCaller = (object: Pick<UploadId, "bucketId" | "name">) => Promise<Caller>;

const operations: Record<string, string> = {
  POST: "storage.tus.upload.create",
  PATCH: "storage.tus.upload.part",
  PUT: "storage.tus.upload.part",
  HEAD: "storage.tus.upload.get",
  DELETE: "storage.tus.upload.delete",
  OPTIONS: "storage.tus.options",
};

function factsOfUpload(c: Context<GatewayEnv>, suffix = ""): RequestFacts {
  return factsOf(c, `${operations[c.req.method]}${suffix}`);
}

export async function callerWithToken(c: Context<GatewayEnv>, deps: StorageDeps): Promise<FindCaller> {
  const actor = await actorOf(c, deps);
  const { role, sub } = actor.claims;
  const caller = {
    actor,
    facts: factsOfUpload(c),
    owner: sub,
    upsert: c.req.header("x-upsert") === "true",
    identity: `${role}:${sub ?? ""}`,
  };
  return async () => caller;
}

/** Whoever holds the signature of an object uploads in the name of the one who asked for it. */
export function callerWithSignature(c: Context<GatewayEnv>, deps: StorageDeps): FindCaller {
  const facts = factsOfUpload(c, "_signed");
  return async ({ bucketId, name }) => {
    const signature = c.req.header("x-signature");
    if (!signature) throw new StorageError("InvalidSignature", "Missing x-signature header");
    const { owner, upsert } = await deps.signer.verifyUpload(signature, `${bucketId}/${name}`);
    return { actor: serviceActor, facts, owner, upsert, identity: `signed:${owner ?? ""}` };
  };
}
