import { StorageError } from "../errors.ts";
import { serviceActorOf } from "../request.ts";
import type { Route } from "./route.ts";

/** Features this stack does not have answer as they do in a hosted project where they are switched off. */
const paths = ["/vector", "/vector/*", "/iceberg", "/iceberg/*", "/bucket/:bucket/lifecycle"];

export const disabledFeatures: Route = (app, deps) => {
  for (const path of paths) {
    app.all(path, async (c) => {
      await serviceActorOf(c, deps);
      throw new StorageError("FeatureSwitchedOff");
    });
  }
};
