import type { Kysely } from "kysely";
import { generate } from "../generate/generate.ts";
import type { Database } from "./database.ts";

/** Generated data of one kind: where it is kept, what makes it, and what it is called. */
export interface Content {
  state: string;
  /** Folders whose files decide what is generated, beside the migrations. */
  generators: string[];
  title(size: number): string;
  generate(db: Kysely<Database>, size: number): Promise<void>;
}

export const observations: Content = {
  state: ".stack-bench",
  generators: ["bench/generate"],
  title: (size) => `${size.toLocaleString("en")} observations`,
  generate,
};
