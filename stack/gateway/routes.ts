import type { IncomingMessage } from "node:http";

export const SERVICES = ["rest", "auth", "storage", "functions", "realtime"] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Where a request goes; null when it is for the gateway itself. */
export interface Route {
  service: ServiceName | null;
  /** The path as the client wrote it, without the query, for the log. */
  path: string;
}

const PREFIX = new RegExp(`^/(${SERVICES.join("|")})/v1(?=[/?]|$)`);

function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** Takes a service's prefix off the address before anything reads it, as Kong does. */
export function route(incoming: IncomingMessage): Route {
  const url = incoming.url ?? "/";
  const found = PREFIX.exec(url);
  const service = SERVICES.find((name) => name === found?.[1]);
  if (found === null || service === undefined) return { service: null, path: pathOf(url) };
  const rest = url.slice(found[0].length);
  incoming.url = rest.startsWith("/") ? rest : `/${rest}`;
  return { service, path: pathOf(url) };
}
