/** The part of bidi-js that is used: its own declarations describe an ES module, and Deno loads the CommonJS one. */
interface Bidi {
  getEmbeddingLevels(
    text: string,
    direction?: "ltr" | "rtl",
  ): { levels: Uint8Array; paragraphs: { start: number; end: number; level: number }[] };
  getReorderSegments(
    text: string,
    embedding: ReturnType<Bidi["getEmbeddingLevels"]>,
    start?: number,
    end?: number,
  ): [number, number][];
  getMirroredCharacter(letter: string): string | null;
}
export default function bidiFactory(): Bidi;
