import { getDocumentProxy } from "unpdf";

export interface PlacedText {
  text: string;
  x: number;
  y: number;
}

/** The texts of a PDF with the place of their left edge, in points from the lower left corner of their page. */
export async function pdfTexts(file: Blob): Promise<PlacedText[]> {
  const document = await getDocumentProxy(new Uint8Array(await file.arrayBuffer()));
  const texts: PlacedText[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    for (const item of items) {
      if ("str" in item && item.str.trim() !== "") {
        texts.push({ text: item.str, x: Number(item.transform[4]), y: Number(item.transform[5]) });
      }
    }
  }
  return texts;
}
