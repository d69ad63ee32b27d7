import { expect, test } from "vitest";
import { withNullableResults } from "./nullable-results.ts";

const types = `
    Tables: {
      board: { Row: { mean: number; title: string } };
    };
    Functions: {
      kappa: { Args: { mean: number }; Returns: number };
      board: {
        Args: { mean?: number };
        Returns: {
          mean: number;
          title: string;
        }[];
      };
    };`;

test("withNullableResults marks results of functions, and neither arguments nor tables", () => {
  const marked = types
    .replace("Returns: number", "Returns: number | null")
    .replace("          mean: number;", "          mean: number | null;");
  expect(withNullableResults(types, { kappa: "*", board: "mean" })).toBe(marked);
});

test("withNullableResults fails when a result that it names is gone", () => {
  expect(() => withNullableResults(types, { board: "median" })).toThrow("Cannot find the result board.median");
  expect(() => withNullableResults(types, { boards: "mean" })).toThrow("Cannot find the result boards.mean");
});
