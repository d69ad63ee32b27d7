import assert from "node:assert/strict";
import { bidiLines } from "../_shared/bidi-lines.ts";

const perLetter = (text: string) => text.length;
const WIDE = 1000;
const visual = (runs: string[]) =>
  // As the font engine sets a run: one that begins with a letter of a right-to-left script is turned, others are not.
  runs
    .map((run) => (/^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}]/u.test(run) ? [...run].reverse().join("") : run))
    .join("");
const line = (text: string, direction?: "ltr" | "rtl") => visual(bidiLines(text, WIDE, perLetter, direction).flat());

Deno.test("Hebrew is set from right to left, and numbers and Latin inside of it from left to right", () => {
  assert.equal(line("שלום עולם"), "םלוע םולש");
  assert.equal(line("כיתה 12 עם Classroom היום"), "םויה Classroom םע 12 התיכ");
  assert.equal(line("3.5 שעות", "rtl"), "תועש 3.5");
});

Deno.test("Brackets open towards what they enclose", () => {
  assert.equal(line("קריאה (חלק 2) היום"), "םויה (2 קלח) האירק");
  assert.equal(line("שם (David כהן)"), "(ןהכ David) םש");
});

Deno.test("A Latin sentence keeps its order around a Hebrew word, and the page's direction decides where it says so", () => {
  assert.equal(line("Reading with שירה, part 2"), "Reading with הריש, part 2");
  assert.equal(line("12 (a)", "rtl"), "(a) 12");
});

Deno.test("Marks of direction are obeyed and not drawn", () => {
  assert.equal(line("א\u200F-\u200F1"), "1-א");
});

Deno.test("Lines break between words, and each line is ordered by itself", () => {
  const lines = bidiLines("אחת שתיים three ארבע", 10, perLetter).map(visual);
  assert.deepEqual(
    lines.map((text) => text.trim()),
    ["םייתש תחא", "עברא three"],
  );
});

Deno.test("A word wider than the line is broken, and nothing is lost", () => {
  const lines = bidiLines("abcdefghij klm", 4, perLetter).flat();
  assert.equal(lines.join("").replaceAll(" ", ""), "abcdefghijklm");
  assert.ok(lines.every((text) => text.trimEnd().length <= 4));
});

Deno.test("No text is no line", () => {
  assert.deepEqual(bidiLines(" \n ", WIDE, perLetter), []);
});

Deno.test("A text without a space is measured a few times over, not once for each of its lines", () => {
  const word = "x".repeat(20_000);
  let measured = 0;
  const lines = bidiLines(word, 90, (text) => {
    measured += text.length;
    return text.length;
  });
  assert.equal(lines.flat().join(""), word);
  assert.equal(lines.length, Math.ceil(20_000 / 90));
  assert.ok(measured < 20 * word.length, `${measured} letters measured`);
});
