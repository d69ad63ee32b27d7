import { once } from "node:events";
import { WebSocket } from "ws";
import { KIND } from "../frames.ts";

/** A frame of the server, whichever serializer it came in. */
export interface Received {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
  /** First byte of a binary frame. */
  kind?: number;
}

function readBinary(data: Buffer): Received {
  const [kind = -1, first = 0, second = 0, third = 0, encoding] = data;
  const start = kind === KIND.userBroadcast ? 5 : 3;
  const cut = (from: number, length: number) => data.toString("utf8", from, from + length);
  const topic = cut(start, first);
  const event = cut(start + first, second);
  if (kind === KIND.broadcast) {
    return { joinRef: null, ref: null, topic, event, kind, payload: data.subarray(start + first + second) };
  }
  const meta = cut(start + first + second, third);
  const bytes = data.subarray(start + first + second + third);
  const payload = {
    type: "broadcast",
    event,
    payload: encoding === 1 ? JSON.parse(bytes.toString()) : Buffer.from(bytes),
    ...(meta === "" ? {} : { meta: JSON.parse(meta) }),
  };
  return { joinRef: null, ref: null, topic, event: "broadcast", kind, payload };
}

function read(vsn: string, data: Buffer, binary: boolean): Received {
  if (binary) return readBinary(data);
  const parsed = JSON.parse(data.toString());
  if (vsn !== "2.0.0") return { joinRef: null, ...parsed };
  const [joinRef, ref, topic, event, payload] = parsed;
  return { joinRef, ref, topic, event, payload };
}

/** Speaks the protocol by hand, and so can also speak it badly. */
export async function openRawSocket(url: string, key: string, vsn = "2.0.0") {
  const address = `${url.replace("http", "ws")}/realtime/v1/websocket?apikey=${key}&vsn=${vsn}`;
  const ws = new WebSocket(address, { perMessageDeflate: false });
  const frames: Received[] = [];
  const waiting = new Set<() => void>();
  let refs = 0;
  let closeCode: number | undefined;
  ws.on("message", (data: Buffer, binary) => {
    frames.push(read(vsn, data, binary));
    for (const look of [...waiting]) look();
  });
  const closed = new Promise<number>((resolve) => {
    ws.on("close", (code) => {
      closeCode = code;
      resolve(code);
      for (const look of [...waiting]) look();
    });
  });
  ws.on("error", () => undefined);
  await once(ws, "open");

  /** Takes the first frame that fits, now or when it comes. */
  function next(fits: (frame: Received) => boolean): Promise<Received> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const index = frames.findIndex(fits);
        const [found] = index === -1 ? [] : frames.splice(index, 1);
        if (found === undefined && closeCode === undefined) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`The socket closed (${closeCode}) before the frame came`));
      };
      waiting.add(look);
      look();
    });
  }

  function push(topic: string, event: string, payload: unknown, joinRef: string | null = null): string {
    const ref = String(++refs);
    const frame =
      vsn === "2.0.0" ? [joinRef, ref, topic, event, payload] : { join_ref: joinRef, ref, topic, event, payload };
    ws.send(JSON.stringify(frame));
    return ref;
  }

  async function ask(topic: string, event: string, payload: unknown, joinRef: string | null = null) {
    const ref = push(topic, event, payload, joinRef);
    return (await next((frame) => frame.event === "phx_reply" && frame.ref === ref)).payload;
  }

  return {
    ws,
    frames,
    closed,
    next,
    push,
    ask,
    event: (topic: string, event: string) => next((frame) => frame.topic === topic && frame.event === event),
    join: (topic: string, config: object = {}, access_token?: string) =>
      ask(topic, "phx_join", { config, access_token }, "join"),
    /** A client's own event as a binary frame. */
    userPush(topic: string, event: string, bytes: Buffer, encoding: 0 | 1, meta = "") {
      const parts = ["join", String(++refs), topic, event, meta].map((part) => Buffer.from(part));
      const header = Buffer.from([KIND.userPush, ...parts.map((part) => part.length), encoding]);
      ws.send(Buffer.concat([header, ...parts, bytes]));
      return String(refs);
    },
    async close() {
      ws.close();
      await closed;
    },
  };
}

export type RawSocket = Awaited<ReturnType<typeof openRawSocket>>;
