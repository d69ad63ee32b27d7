import { existsSync } from "node:fs";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser that CHROMIUM_PATH names, or one that lies where it usually does; null when this machine has none. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new Error(`Cannot find a browser at CHROMIUM_PATH: ${named} is missing`);
  }
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const usual = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  return [...usual, ...PLACES].find((file) => existsSync(file)) ?? null;
}
