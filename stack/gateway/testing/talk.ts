import { connect, type Socket } from "node:net";

/** A connection that says exactly what it is told, when it is told. */
export function dial(port: number): { socket: Socket; answer: Promise<string>; heard(): string } {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  const answer = new Promise<string>((resolve) => {
    // A connection that is cut off has said what it had to say as well.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(heard));
  });
  return { socket, answer, heard: () => heard };
}
