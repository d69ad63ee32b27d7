import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { type Incoming, KIND, type Version } from "./frames.ts";
import { isTooDeep } from "./nesting.ts";

/** The frame is not of the protocol; it is dropped, and the socket lives on. */
export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame";
}

const ref = z.union([z.string(), z.number(), z.null()]).default(null);
/** Far beyond any real one: topics are answered, logged and kept. */
const topic = z.string().max(1000);
const second = z
  .array(z.unknown())
  .min(5)
  .pipe(z.tuple([ref, ref, topic, z.string(), z.unknown()], z.unknown()));
const first = z.object({
  topic,
  event: z.string(),
  payload: z.unknown(),
  ref,
  join_ref: ref,
});

function decodeText(version: Version, data: Buffer): Incoming {
  let parsed: unknown;
  try {
    if (!isUtf8(data)) throw new Error("the text is not UTF-8");
    parsed = JSON.parse(data.toString());
  } catch (cause) {
    throw new MalformedFrame("Cannot read the frame as JSON", { cause });
  }
  if (isTooDeep(data)) throw new MalformedFrame("The frame is nested too deeply");
  if (version === 2) {
    const result = second.safeParse(parsed);
    if (!result.success) throw new MalformedFrame("Expected an array of join_ref, ref, topic, event and payload");
    const [joinRef, ref, topic, event, value] = result.data;
    return { joinRef, ref, topic, event, payload: { kind: "json", value, bytes: data.length } };
  }
  const result = first.safeParse(parsed);
  if (!result.success) throw new MalformedFrame("Expected an object with topic, event, payload and ref");
  const { topic, event, payload: value, ref, join_ref: joinRef } = result.data;
  return { joinRef, ref, topic, event, payload: { kind: "json", value, bytes: data.length } };
}

/** Cuts off the leading strings of a binary frame, whose lengths stand in front of them. */
function strings(data: Buffer, lengths: number[], start: number): { texts: string[]; rest: Buffer } {
  let at = start;
  const texts = lengths.map((length) => {
    at += length;
    return data.toString("utf8", at - length, at);
  });
  if (at > data.length) throw new MalformedFrame("The binary frame is shorter than its header says");
  return { texts, rest: data.subarray(at) };
}

function decodeBinary(data: Buffer): Incoming {
  const [kind, joinRefLength = 0, refLength = 0, topicLength = 0, eventLength = 0, metaLength = 0, encoding = 0] = data;
  if (kind === KIND.push && data.length >= 5) {
    const { texts, rest } = strings(data, [joinRefLength, refLength, topicLength, eventLength], 5);
    const [joinRef = "", ref = "", topic = "", event = ""] = texts;
    return { joinRef, ref, topic, event, payload: { kind: "bytes", bytes: rest } };
  }
  if (kind === KIND.userPush && data.length >= 7) {
    const { texts, rest } = strings(data, [joinRefLength, refLength, topicLength, eventLength, metaLength], 7);
    const [joinRef = "", ref = "", topic = "", event = ""] = texts;
    const payload = { kind: "user", event, encoding: encoding === 0 ? "binary" : "json", bytes: rest } as const;
    return { joinRef, ref, topic, event: "broadcast", payload };
  }
  throw new MalformedFrame("The binary frame is of no known kind");
}

export function decode(version: Version, data: Buffer, binary: boolean): Incoming {
  if (!binary) return decodeText(version, data);
  if (version === 1) throw new MalformedFrame("Serializer 1.0.0 has no binary frames");
  return decodeBinary(data);
}
