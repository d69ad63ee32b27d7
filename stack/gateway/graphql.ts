import { Hono } from "hono";
import type { GatewayEnv } from "../context.ts";

/** What a project without pg_graphql answers, in the shape that clients of GraphQL read. */
export function graphqlApp(): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().all("/graphql/v1", (c) =>
    c.json({ errors: [{ message: "pg_graphql extension is not enabled." }] }),
  );
}
