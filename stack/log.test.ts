import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "./log.ts";
import { scratchDir } from "./testing/scratch-dir.ts";

test("everything logged before closing is in the file, in order, whatever the disk has to do", () => {
  const dir = scratchDir("log");
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, "below", "stack.log");
  const { log, close } = createLog(file, { console: false });
  for (let line = 0; line < 5000; line += 1) log.info({ line }, "counted");
  close();
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.map((text) => JSON.parse(text).line)).toEqual(Array.from({ length: 5000 }, (_, line) => line));
});
