import type { Route } from "./route.ts";

/** What load balancers and tools ask. */
export const health: Route = (app) => {
  app.get("/status", (c) => c.body(null, 200));
  app.get("/version", (c) => c.text("embedded"));
};
