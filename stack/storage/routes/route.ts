import type { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";

/** Adds one route of the Storage API; the order of adding decides where two of them match. */
export type Route = (app: Hono<GatewayEnv>, deps: StorageDeps) => void;
