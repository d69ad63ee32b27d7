import { randomBytes } from "node:crypto";
import { ownFolderPolicies } from "../../testing/policies.ts";
import { type Person, startTestStack } from "../../testing/stack.ts";
import { encodeMetadata } from "./tus-client.ts";

export const ENDPOINT = "/storage/v1/upload/resumable";
const OFFSET = "application/offset+octet-stream";

/** The storage service with a bucket in which everybody has a folder, and plain requests of the TUS protocol. */
export async function startTusStack(config: Record<string, unknown> = { file_size_limit: "1MiB" }) {
  const stack = await startTestStack({ storage: config });
  await stack.admin.query(ownFolderPolicies);
  const person = await stack.person();
  let count = 0;

  const raw = (method: string, url: string, init: RequestInit & { duplex?: "half"; token?: string } = {}) => {
    const { token = person.token, headers, ...rest } = init;
    return fetch(url, {
      method,
      ...rest,
      headers: {
        "tus-resumable": "1.0.0",
        ...(token && { authorization: `Bearer ${token}` }),
        ...Object.fromEntries(new Headers(headers)),
      },
    });
  };
  type Init = Parameters<typeof raw>[2];
  /** A creation, of unknown length when none is given; answers as it comes. */
  const create = (metadata: Record<string, string>, length?: number | string, init: Init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("upload-metadata", encodeMetadata(metadata));
    if (length === undefined) headers.set("upload-defer-length", "1");
    else headers.set("upload-length", String(length));
    return raw("POST", `${stack.url}${ENDPOINT}`, { ...init, headers });
  };
  return {
    ...stack,
    person,
    endpoint: `${stack.url}${ENDPOINT}`,
    create,
    async createdAt(metadata: Record<string, string>, length?: number, init?: Init): Promise<string> {
      const answer = await create(metadata, length, init);
      if (answer.status !== 201) throw new Error(`Cannot create an upload: ${answer.status} ${await answer.text()}`);
      return answer.headers.get("location") ?? "";
    },
    bytes: (size: number) => randomBytes(size),
    stranger: () => stack.person(),
    ownName: (who: Person = person) => `${who.id}/${++count}.bin`,
    raw,
    patch(url: string, offset: number | string, body: BodyInit, init: Init = {}) {
      const headers = { "content-type": OFFSET, "upload-offset": String(offset), ...init.headers };
      return raw("PATCH", url, { ...init, headers, body, duplex: "half" });
    },
    async offset(url: string, token?: string) {
      const answer = await raw("HEAD", url, { token });
      return [answer.status, answer.headers.get("upload-offset")];
    },
    async row(name: string) {
      const { rows } = await stack.admin.query("select * from storage.objects where name = $1", [name]);
      return rows[0];
    },
  };
}

export type TusStack = Awaited<ReturnType<typeof startTusStack>>;
