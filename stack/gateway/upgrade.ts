import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { StackContext } from "../context.ts";
import { refuse } from "./refuse.ts";
import { clientAddress, requestId } from "./request-id.ts";
import { route } from "./routes.ts";
import type { Services } from "./server.ts";

export interface Upgrades {
  handle(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets the services say goodbye; after `grace` ms the sockets that are left are ended. */
  close(grace: number): void;
}

/** WebSockets: handed to the service whose prefix they name, with the id and the address that a request has. */
export function createUpgrades(ctx: StackContext, services: Services): Upgrades {
  const open = new Set<Duplex>();
  const closing = new AbortController();

  return {
    handle(incoming, socket, head) {
      socket.on("error", (error) => ctx.log.debug({ err: error }, "an upgraded connection broke"));
      const { service: name, path } = route(incoming);
      const service = name === null ? undefined : services[name];
      const id = requestId(incoming.headers["x-request-id"]?.toString());
      const ip = clientAddress(incoming.socket.remoteAddress);
      ctx.log.info({ service: name ?? "gateway", requestId: id, method: "UPGRADE", path, ip }, "request");
      if (service?.upgrade === undefined || incoming.headers.upgrade?.toLowerCase() !== "websocket") {
        refuse(socket, "400 Bad Request", "upgrade_not_supported", "No WebSocket is served at this address");
        return;
      }
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      service.upgrade(incoming, socket, head, { requestId: id, ip, closing: closing.signal });
    },
    close(grace) {
      closing.abort();
      setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, grace).unref();
    },
  };
}
