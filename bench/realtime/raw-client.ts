import { once } from "node:events";
import { WebSocket } from "ws";
import type { ToLoad } from "./processes.ts";

const HEARTBEAT_MS = 25_000;
const USER_PUSH = 3;
const USER_BROADCAST = 4;

export interface RawClient {
  send(payload: object): void;
  close(): void;
}

function payloadOf(data: Buffer): string {
  const [, topic = 0, event = 0, meta = 0] = data;
  return data.toString("utf8", 5 + topic + event + meta);
}

/** A socket with one channel that speaks just enough of the protocol: thousands of them fit into one process. */
export async function openRawClient(
  { url, key }: ToLoad,
  topic: string,
  isPrivate: boolean,
  receive: (payload: string) => void,
): Promise<RawClient> {
  const address = `${url.replace("http", "ws")}/realtime/v1/websocket?apikey=${key}&vsn=2.0.0`;
  const ws = new WebSocket(address, { perMessageDeflate: false });
  ws.on("error", (error) => console.error(`A raw client broke: ${error.message}`));
  await once(ws, "open");
  const joined = new Promise<void>((resolve, reject) => {
    ws.on("message", (data: Buffer, binary) => {
      if (binary) {
        if (data[0] === USER_BROADCAST) receive(payloadOf(data));
        return;
      }
      const [, ref, , event, payload] = JSON.parse(data.toString());
      if (event === "system") console.error(`The server says of ${topic}: ${payload.message}`);
      if (event !== "phx_reply" || ref !== "1") return;
      if (payload.status === "ok") resolve();
      else reject(new Error(`Cannot join ${topic}: ${payload.response.reason}`));
    });
    ws.on("close", () => reject(new Error("Cannot join: the socket closed")));
  });
  ws.send(JSON.stringify(["1", "1", `realtime:${topic}`, "phx_join", { config: { private: isPrivate } }]));
  await joined;
  const beat = setInterval(() => ws.send('[null,"2","phoenix","heartbeat",{}]'), HEARTBEAT_MS);
  const strings = ["1", "3", `realtime:${topic}`, "note", ""].map((part) => Buffer.from(part));
  const header = Buffer.concat([Buffer.from([USER_PUSH, ...strings.map((part) => part.length), 1]), ...strings]);
  return {
    send: (payload) => ws.send(Buffer.concat([header, Buffer.from(JSON.stringify(payload))])),
    close() {
      clearInterval(beat);
      ws.terminate();
    },
  };
}
