import { SMTPServer } from "smtp-server";
import type { Mailbox } from "./mailbox.ts";

const MAX_BYTES = 25 * 1024 * 1024;

/** Accepts any mail that is not too large, from any sender on this machine. */
export function createSmtpServer(mailbox: Mailbox): SMTPServer {
  return new SMTPServer({
    banner: "Development inbox",
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MAX_BYTES,
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      let kept = 0;
      stream.on("data", (chunk: Buffer) => {
        // What exceeds the limit is read, so that the sender hears the answer, but not kept.
        if (kept <= MAX_BYTES) chunks.push(chunk);
        kept += chunk.length;
      });
      stream.on("end", () => {
        if (stream.sizeExceeded) {
          callback(Object.assign(new Error("Message exceeds the size limit"), { responseCode: 552 }));
          return;
        }
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        const to = envelope.rcptTo.map(({ address }) => address);
        mailbox.add(Buffer.concat(chunks), { from, to }).then(
          () => callback(),
          (error: Error) => callback(error),
        );
      });
    },
  });
}
