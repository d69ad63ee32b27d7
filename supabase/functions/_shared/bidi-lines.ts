// @ts-types="./bidi-js.d.ts"
import createBidi from "bidi-js";

export type Direction = "ltr" | "rtl";
export type Measure = (text: string) => number;

const bidi = createBidi();
const MARKS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const RTL_LETTER = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;
const LETTER = /\p{L}/u;

/** Whether the font engine, which goes by the first letter's script, sets a text from right to left by itself. */
function isTurnedByFont(text: string): boolean {
  const letter = LETTER.exec(text)?.[0];
  return letter !== undefined && RTL_LETTER.test(letter);
}

const reversed = (text: string) => [...text].reverse().join("");

/**
 * The ends of lines in a text, broken between words so that each line fits; a word wider than a line is broken inside. Words are
 * measured one by one, so that the same word is shaped once in a document.
 */
function lineEnds(text: string, width: number, measure: Measure): number[] {
  const space = measure(" ");
  const ends: number[] = [];
  let start = 0;
  let used = 0;
  for (const { index, 0: word } of text.matchAll(/\S+/gu)) {
    const wide = measure(word);
    if (index > start && used + space + wide > width) {
      ends.push(index);
      start = index;
      used = 0;
    }
    used += (index > start ? space : 0) + wide;
    while (used > width && index + word.length - start > 1) {
      let end = start + 1;
      while (measure(text.slice(start, end + 1)) <= width) end++;
      ends.push(end);
      start = end;
      used = measure(text.slice(start, index + word.length));
    }
  }
  if (text.length > start) ends.push(text.length);
  return ends;
}

/**
 * One paragraph as lines of runs, each at most a word, as the font engine must be given it, from left to right as they are drawn: the Unicode
 * bidirectional algorithm over the whole paragraph, reordered line by line, brackets mirrored. Without a direction the first strong
 * letter decides.
 */
export function bidiLines(paragraph: string, width: number, measure: Measure, direction?: Direction): string[][] {
  const text = paragraph.replace(/\s+/gu, " ").trim();
  const embedding = bidi.getEmbeddingLevels(text, direction);
  let start = 0;
  return lineEnds(text, width, measure).map((end) => {
    const order = Array.from({ length: end - start }, (_, index) => start + index);
    for (const [from, to] of bidi.getReorderSegments(text, embedding, start, end - 1)) {
      const part = order.slice(from - start, to - start + 1).reverse();
      order.splice(from - start, part.length, ...part);
    }
    start = end;
    return runsOf(order, text, embedding.levels);
  });
}

/** Letters in the order in which they are seen, as runs of one direction. */
function runsOf(order: number[], text: string, levels: Uint8Array): string[] {
  const runs: number[][] = [];
  for (const index of order) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    const step = (levels[index] ?? 0) % 2 === 1 ? -1 : 1;
    const follows = before !== undefined && levels[before] === levels[index] && index === before + step;
    // A word with the space after it is a run, so that the font engine shapes each word once and finds it again.
    const first = Math.max(index, before ?? index);
    const wordBegins = /\S/.test(text[first] ?? "") && /\s/.test(text[first - 1] ?? "");
    if (last && follows && !wordBegins) last.push(index);
    else runs.push([index]);
  }
  return runs
    .map((run) => {
      const rtl = (levels[run[0] ?? 0] ?? 0) % 2 === 1;
      const letters = run.toSorted((a, b) => a - b).map((index) => text[index] ?? "");
      const shown = rtl ? letters.map((letter) => bidi.getMirroredCharacter(letter) ?? letter) : letters;
      const logical = shown.join("").replace(MARKS, "");
      return rtl === isTurnedByFont(logical) ? logical : reversed(logical);
    })
    .filter((run) => run !== "");
}
