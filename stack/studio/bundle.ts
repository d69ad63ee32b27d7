import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";

const manifestShape = z.record(
  z.string(),
  z.looseObject({ file: z.string(), isEntry: z.boolean().optional(), css: z.array(z.string()).default([]) }),
);

const TYPES: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".ico": "image/x-icon",
};

export interface Asset {
  type: string;
  bytes: Buffer<ArrayBuffer>;
}

export interface Bundle {
  script: string;
  styles: string[];
  assets: Map<string, Asset>;
}

/**
 * The table editor that comes with the package, as files: none of the package's own code is run, since its server would
 * rewrite the database's grants. Only what its manifest names is served.
 */
export function loadBundle(): Bundle {
  const manifestFile = createRequire(import.meta.url).resolve("@supabase/lite/dist/manifest.json");
  const manifest = manifestShape.parse(JSON.parse(readFileSync(manifestFile, "utf8")));
  const folder = path.resolve(path.dirname(manifestFile), "..");
  const entry = Object.values(manifest).find((each) => each.isEntry);
  if (entry === undefined) throw new Error("Cannot serve Studio: its manifest names no entry");
  const names = new Set(["favicon.ico", ...Object.values(manifest).flatMap((each) => [each.file, ...each.css])]);
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[path.extname(name)] ?? "application/octet-stream";
    assets.set(name, { type, bytes: readFileSync(path.join(folder, name)) });
  }
  return { script: entry.file, styles: entry.css, assets };
}
