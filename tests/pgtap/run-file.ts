import { readFileSync } from "node:fs";
import pg from "pg";
import { type FinalResults, Parser, type Result } from "tap-parser";

export interface Assertion {
  name: string;
  status: "passed" | "failed" | "skipped";
  message?: string;
}

/** The TAP lines that a file printed, and the error that ended it early. */
async function execute(client: pg.Client, sql: string): Promise<{ lines: string[]; error: Error | null }> {
  const lines: string[] = [];
  // Rows are taken as they arrive: those before an error tell how far the file got.
  const query = new pg.Query<Record<string, unknown>>(sql);
  const ended = new Promise<Error | null>((resolve) => {
    query.on("row", (row) => {
      const [value] = Object.values(row);
      if (typeof value === "string") lines.push(value);
    });
    query.on("error", (error) => resolve(error));
    query.on("end", () => resolve(null));
  });
  client.query(query);
  return { lines, error: await ended };
}

/** Reads pgTAP's output; a plan that was not kept is a failure of its own. */
export function readTap(lines: string[]): Assertion[] {
  const assertions: Assertion[] = [];
  const parser = new Parser();
  parser.on("assert", ({ ok, name, skip, todo, diag, fullname }: Result) => {
    const status = skip || todo ? "skipped" : ok ? "passed" : "failed";
    assertions.push({ name: name || fullname, status, ...(diag ? { message: JSON.stringify(diag) } : {}) });
  });
  const comments: string[] = [];
  parser.on("comment", (comment: string) => comments.push(comment.trim()));
  let problems: string[] = [];
  parser.on("complete", ({ failures, bailout, count }: FinalResults) => {
    problems = failures.flatMap((failure) =>
      "tapError" in failure && failure.tapError ? [String(failure.tapError)] : [],
    );
    if (bailout) problems.push(`bailed out: ${String(bailout)}`);
    if (count === 0 && !lines.some((line) => line.startsWith("1..0"))) problems.push("no plan");
  });
  parser.end(`${lines.join("\n")}\n`);
  if (problems.length > 0) assertions.push({ name: "keeps its plan", status: "failed", message: problems.join("; ") });
  const failed = assertions.find(({ status, message }) => status === "failed" && message === undefined);
  if (failed && comments.length > 0) failed.message = comments.join("\n");
  return assertions;
}

/** Runs one pgTAP file on a connection of its own. */
export async function runFile(dbUrl: string, file: string): Promise<Assertion[]> {
  const client = new pg.Client({ connectionString: dbUrl });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("set search_path = public, extensions");
    const { lines, error } = await execute(client, readFileSync(file, "utf8"));
    const text = lines.flatMap((line) => line.split("\n"));
    if (!error) return readTap(text);
    const where = "where" in error && typeof error.where === "string" ? `\n${error.where}` : "";
    const before = readTap(text).filter(({ name }) => name !== "keeps its plan");
    return [...before, { name: "runs to its end", status: "failed", message: `${error.message}${where}` }];
  } finally {
    await client.end();
  }
}
