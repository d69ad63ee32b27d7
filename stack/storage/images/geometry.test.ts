import { expect, test } from "vitest";
import { planResize, position } from "./geometry.ts";
import type { Transformation } from "./transformation.ts";

const size = (width: number, height: number) => ({ width, height });

test.each<[string, [number, number], Transformation, [number, number], [number, number]]>([
  ["cover fills and cuts off", [400, 200], { width: 100, height: 100 }, [200, 100], [100, 100]],
  ["contain fits in", [400, 200], { width: 100, height: 100, resize: "contain" }, [100, 50], [100, 50]],
  ["fill distorts", [400, 200], { width: 100, height: 100, resize: "fill" }, [100, 100], [100, 100]],
  ["nothing asked fits the preset", [6000, 3000], {}, [3000, 1500], [3000, 1500]],
  ["nothing asked leaves a small one", [40, 30], {}, [40, 30], [40, 30]],
  ["a width alone, contained, keeps the shape", [400, 200], { width: 100, resize: "contain" }, [100, 50], [100, 50]],
  ["a width alone, covered, cuts the sides off", [5712, 4284], { width: 2500 }, [5712, 4284], [2500, 4284]],
  ["a height alone, filled, leaves the width", [400, 200], { height: 50, resize: "fill" }, [400, 50], [400, 50]],
  ["cover never enlarges", [100, 400], { width: 200, height: 200 }, [100, 400], [100, 200]],
  ["contain never enlarges", [100, 50], { width: 200, height: 200, resize: "contain" }, [100, 50], [100, 50]],
  [
    "fill keeps the shape it cannot reach",
    [100, 100],
    { width: 200, height: 50, resize: "fill" },
    [100, 25],
    [100, 25],
  ],
  ["no side vanishes", [4000, 2], { width: 10, height: 10, resize: "contain" }, [10, 1], [10, 1]],
])("%s", (_case, source, options, scaled, kept) => {
  expect(planResize(size(...source), options)).toEqual({ scaled: size(...scaled), kept: size(...kept) });
});

test("vectors are drawn as large as asked", () => {
  const plan = planResize(size(10, 10), { width: 200, height: 100, resize: "contain" }, true);
  expect(plan.scaled).toEqual(size(100, 100));
});

test.each<[Transformation, { left: number; top: number }]>([
  [{}, { left: 50, top: 50 }],
  [{ gravity: "no" }, { left: 50, top: 0 }],
  [{ gravity: "soea" }, { left: 100, top: 100 }],
  [
    { gravity: "nowe", x_offset: 10, y_offset: 20 },
    { left: 10, top: 20 },
  ],
  [
    { gravity: "soea", x_offset: 0.1, y_offset: 30 },
    { left: 80, top: 70 },
  ],
  [
    { gravity: "we", x_offset: -50 },
    { left: 0, top: 50 },
  ],
  [
    { gravity: "fp", x_offset: 0.5, y_offset: 0.5 },
    { left: 50, top: 50 },
  ],
  [
    { gravity: "fp", x_offset: 0, y_offset: 1 },
    { left: 0, top: 100 },
  ],
])("%o keeps the part at %o", (options, expected) => {
  expect(position({ scaled: size(200, 200), kept: size(100, 100) }, options)).toEqual(expected);
});
