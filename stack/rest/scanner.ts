import { parseError, type RestError } from "./errors.ts";

const IDENTIFIER = /[\p{L}\p{N}_ $]/u;

/** A cursor over one query value; every grammar of the query string is written on it. */
export class Scanner {
  readonly text: string;
  readonly what: string;
  at = 0;

  constructor(text: string, what: string) {
    this.text = text;
    this.what = what;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  peek(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  take(token: string): boolean {
    if (!this.peek(token)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.fail(JSON.stringify(token));
  }

  match(pattern: RegExp): string | null {
    const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found === null) return null;
    this.at = sticky.lastIndex;
    return found[0];
  }

  rest(): string {
    const text = this.text.slice(this.at);
    this.at = this.text.length;
    return text;
  }

  fail(expecting: string): RestError {
    return parseError(this.what, this.text, this.at, expecting);
  }

  skipSpaces(): void {
    while (this.text[this.at] === " ") this.at += 1;
  }

  /** `"any ""thing"`, with backslash escapes. */
  quoted(): string | null {
    if (!this.peek('"')) return null;
    const start = this.at;
    this.at += 1;
    let out = "";
    while (!this.done) {
      const char = this.text[this.at] ?? "";
      this.at += 1;
      if (char === '"') return out;
      if (char === "\\") {
        out += this.text[this.at] ?? "";
        this.at += 1;
      } else out += char;
    }
    this.at = start;
    throw this.fail("a closing quote");
  }

  /** A column, table or function name: quoted, or letters, digits, `_`, `$`, inner blanks and single dashes. */
  name(): string {
    this.skipSpaces();
    const quoted = this.quoted();
    if (quoted !== null) return quoted;
    let out = "";
    while (!this.done) {
      const char = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
      const dash = char === "-" && this.text[this.at + 1] !== ">" && out !== "";
      if (!dash && !IDENTIFIER.test(char)) break;
      out += char;
      this.at += char.length;
    }
    out = out.trim();
    if (out === "") throw this.fail("field name (* or [a..z0..9_$])");
    return out;
  }
}
