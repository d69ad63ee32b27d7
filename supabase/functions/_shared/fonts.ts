// Imported so that a bundle takes the package along; the font files in it are read by the runtime's file system.
import rubik from "@expo-google-fonts/rubik/metadata.json" with { type: "json" };

/** Rubik has Hebrew with niqqud, Latin, Cyrillic and Arabic in each file: one font for every name of a school. */
const files = { regular: "400Regular/Rubik_400Regular.ttf", bold: "700Bold/Rubik_700Bold.ttf" } as const;
export type FontName = keyof typeof files;

const read = new Map<FontName, Promise<Uint8Array>>();

/** The bytes of a font, read once per worker. */
export function fontBytes(name: FontName): Promise<Uint8Array> {
  const known = read.get(name);
  if (known) return known;
  if (!rubik.subsets.includes("hebrew")) throw new Error("The font has no Hebrew");
  const bytes = Deno.readFile(new URL(import.meta.resolve(`@expo-google-fonts/rubik/${files[name]}`)));
  read.set(name, bytes);
  return bytes;
}
