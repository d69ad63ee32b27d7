import { expect, test } from "vitest";
import { statePaths } from "./state.ts";

test("statePaths lie in one folder of the project", () => {
  expect(statePaths("/project").dataDir).toBe("/project/.stack/db");
  expect(statePaths("/project", ".stack-test/run").lockFile).toBe("/project/.stack-test/run/stack.json");
});

test.each(["..", "../elsewhere", "/tmp/elsewhere", "."])("statePaths refuses %s, outside the project", (state) => {
  expect(() => statePaths("/project", state)).toThrow("must be a folder inside the project");
});
