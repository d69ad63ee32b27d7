/** Whoever walks a value deeper than the call stack fails, and JSON.stringify is one of them. */
const MOST = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Whether JSON text has arrays and objects within each other deeper than can be written out again. */
export function isTooDeep(text: Buffer): boolean {
  // What opens has to close, so that a short text need not be read.
  if (text.length <= 2 * MOST) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (depth > MOST) return true;
  }
  return false;
}
