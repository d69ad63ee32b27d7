import { Buffer } from "node:buffer";
// @ts-types="npm:@types/pdfkit@0.17.6"
import PDFDocument from "pdfkit";
import { bidiLines, type Direction } from "./bidi-lines.ts";
import { type FontName, fontBytes } from "./fonts.ts";

export interface Style {
  font?: FontName;
  size?: number;
  color?: string;
  align?: "start" | "center";
  /** Space above, in points. */
  above?: number;
  indent?: number;
  /** Of what a person wrote: the first strong letter decides, whatever the page's language. */
  direction?: Direction | "auto";
}

export interface Page {
  title: string;
  locale: "he" | "en";
  createdAt: Date;
  landscape?: boolean;
}

const MARGIN = 56;
/** A4 pages written from the top down, in the direction of their language. */
export class PdfWriter {
  readonly direction: Direction;
  private readonly document: PDFKit.PDFDocument;
  private readonly chunks: Uint8Array[] = [];
  private readonly ended: Promise<void>;

  private constructor(page: Page, fonts: Record<FontName, Uint8Array>) {
    this.direction = page.locale === "he" ? "rtl" : "ltr";
    this.document = new PDFDocument({
      size: "A4",
      layout: page.landscape ? "landscape" : "portrait",
      margin: MARGIN,
      font: Buffer.from(fonts.regular) as unknown as string,
      lang: page.locale,
      displayTitle: true,
      // Bytes that depend on the content alone: the same certificate is the same file.
      info: { Title: page.title, CreationDate: page.createdAt, ModDate: page.createdAt },
    });
    for (const [name, bytes] of Object.entries(fonts)) this.document.registerFont(name, Buffer.from(bytes));
    this.document.on("data", (chunk: Uint8Array) => this.chunks.push(chunk));
    this.ended = new Promise((resolve) => this.document.on("end", () => resolve()));
  }

  static async open(page: Page): Promise<PdfWriter> {
    return new PdfWriter(page, { regular: await fontBytes("regular"), bold: await fontBytes("bold") });
  }

  text(paragraph: string, style: Style = {}): this {
    const { font = "regular", size = 11, color = "#1f2933", align = "start", above = 0, indent = 0 } = style;
    const { document } = this;
    document.font(font).fontSize(size).fillColor(color);
    document.y += above;
    const left = document.page.margins.left;
    const right = document.page.width - document.page.margins.right;
    const height = document.currentLineHeight(true) * 1.15;
    // Runs are words: pdfkit shapes each once, however often it comes.
    const measure = (text: string) => document.widthOfString(text);
    const base = style.direction === "auto" ? undefined : (style.direction ?? this.direction);
    for (const piece of paragraph.split(/\r?\n/u)) {
      for (const runs of bidiLines(piece, right - left - indent, measure, base)) {
        if (document.y + height > document.page.height - document.page.margins.bottom) document.addPage();
        const widths = runs.map((run) => measure(run));
        const width = widths.reduce((sum, part) => sum + part, 0);
        const start = this.direction === "rtl" ? right - indent - width : left + indent;
        let x = align === "center" ? (left + right - width) / 2 : start;
        const { y } = document;
        for (const [index, run] of runs.entries()) {
          document.text(run, x, y, { lineBreak: false });
          x += widths[index] ?? 0;
        }
        document.y = y + height;
      }
    }
    return this;
  }

  rule(above = 8): this {
    const { document } = this;
    document.y += above;
    const right = document.page.width - document.page.margins.right;
    document.moveTo(document.page.margins.left, document.y).lineTo(right, document.y).lineWidth(0.5).stroke("#9aa5b1");
    document.y += 6;
    return this;
  }

  frame(): this {
    const { width, height } = this.document.page;
    this.document
      .rect(28, 28, width - 56, height - 56)
      .lineWidth(1.5)
      .stroke("#3e4c59");
    return this;
  }

  async bytes(): Promise<Uint8Array> {
    this.document.end();
    await this.ended;
    return new Uint8Array(Buffer.concat(this.chunks));
  }
}
