// @ts-types="./bidi-js.d.ts"
import createBidi from "bidi-js";

export type Direction = "ltr" | "rtl";
export type Measure = (text: string) => number;

const bidi = createBidi();
const MARKS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const RTL_LETTER = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;
const LETTER = /\p{L}/u;
const LONGEST_WORD = 200;

/** Whether the font engine, which goes by the first letter's script, sets a text from right to left by itself. */
function isTurnedByFont(text: string): boolean {
  const letter = LETTER.exec(text)?.[0];
  return letter !== undefined && RTL_LETTER.test(letter);
}

const reversed = (text: string) => [...text].reverse().join("");

/** Where the longest piece from `start` on ends that fits: one letter at least, and never more measured than a few lines' worth. */
function pieceEnd(text: string, start: number, end: number, width: number, measure: Measure): number {
  let fits = start + 1;
  let beyond = end + 1;
  for (let size = 32; fits < end && beyond > end; size *= 2) {
    const next = Math.min(start + size, end);
    if (measure(text.slice(start, next)) <= width) fits = Math.max(fits, next);
    else beyond = next;
  }
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >> 1;
    if (measure(text.slice(start, middle)) <= width) fits = middle;
    else beyond = middle;
  }
  return Math.min(fits, end);
}

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
    const wordEnd = index + word.length;
    // What is longer than any word is measured in pieces alone: the font engine would take it whole at every line.
    const wide = word.length > LONGEST_WORD ? Number.POSITIVE_INFINITY : measure(word);
    if (index > start && used + space + wide > width) {
      ends.push(index);
      start = index;
      used = 0;
    }
    if (wide <= width) {
      used += (index > start ? space : 0) + wide;
      continue;
    }
    for (
      let end = pieceEnd(text, start, wordEnd, width, measure);
      end < wordEnd;
      end = pieceEnd(text, start, wordEnd, width, measure)
    ) {
      ends.push(end);
      start = end;
    }
    used = measure(text.slice(start, wordEnd));
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
