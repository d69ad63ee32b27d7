import { randomUUID } from "node:crypto";
import path from "node:path";
import { command } from "../../scripts/options.ts";
import { loadConfig } from "../../stack/config/config.ts";
import { stackKeys } from "../../stack/keys.ts";
import { findFreeBase } from "../../stack/ports.ts";
import { statePaths } from "../../stack/state.ts";
import { tokenSigner } from "../../stack/testing/tokens.ts";
import { findPersonas } from "../rls/personas.ts";
import { openBenchDatabase } from "../support/bench-database.ts";
import { openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { milliseconds, printTable, saveResults } from "../support/results.ts";
import { median } from "../support/statistics.ts";
import { load, startServer } from "./children.ts";
import { CONNECTIONS, type LoadResult, pagePath, ROWS } from "./page.ts";

/** The stack's share of what the bare server answers in the same time. */
const BAR = 2 / 3;
const SECONDS = 2;

const projectDir = path.join(import.meta.dirname, "..", "..");

async function samePage(urls: string[], headers: Record<string, string>): Promise<void> {
  const pages = await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url, { headers });
      if (!response.ok) throw new Error(`Cannot read ${url}: ${response.status} ${await response.text()}`);
      return JSON.stringify(await response.json());
    }),
  );
  if (new Set(pages).size !== 1) throw new Error("The two servers answer different pages");
  const rows = JSON.parse(pages[0] ?? "[]").length;
  if (rows !== ROWS) throw new Error(`The page has ${rows} rows, not ${ROWS}`);
}

function summary(rounds: LoadResult[]) {
  return {
    per_second: median(rounds.map((round) => round.perSecond)),
    p50_ms: median(rounds.map((round) => round.p50)),
    p99_ms: median(rounds.map((round) => round.p99)),
    failed: rounds.reduce((sum, round) => sum + round.failed, 0),
  };
}

await command(async () => {
  const options = benchOptions();
  const runs = options.runs ?? 15;
  await using database = await openBenchDatabase(options);
  await using db = openKysely(database.target, "supabase_admin");
  await using running = new AsyncDisposableStack();
  const { principal } = await findPersonas(db);
  const keys = stackKeys(projectDir, loadConfig(projectDir).config);
  const token = await tokenSigner(keys).es({
    sub: principal.user_id,
    role: "authenticated",
    aal: "aal1",
    session_id: randomUUID(),
  });
  const headers = { apikey: keys.publishable, authorization: `Bearer ${token}` };

  const port = await findFreeBase(database.target.port + 10);
  const { stateDir } = statePaths(projectDir, ".stack-bench");
  const start = async (name: "serve-stack" | "serve-bare", at: number) =>
    running.use(await startServer(name, { port: at, database: database.target, stateDir }));
  await start("serve-stack", port);
  await start("serve-bare", port + 1);
  const urls = {
    stack: `http://127.0.0.1:${port}/rest/v1${pagePath(principal.school_id)}`,
    bare: `http://127.0.0.1:${port + 1}${pagePath(principal.school_id)}`,
  };
  await samePage([urls.stack, urls.bare], headers);

  const rounds = { stack: [] as LoadResult[], bare: [] as LoadResult[] };
  for (let run = -1; run < runs; run++) {
    // In turns, and each first as often as the other: whatever else the machine does falls on both.
    const order = run % 2 === 0 ? (["stack", "bare"] as const) : (["bare", "stack"] as const);
    for (const name of order) {
      const result = await load({ url: urls[name], headers, seconds: SECONDS });
      if (run >= 0) rounds[name].push(result);
    }
  }
  const ratios = rounds.stack.map((round, i) => round.perSecond / (rounds.bare[i]?.perSecond ?? Number.NaN));
  const ratio = median(ratios);
  const [stack, bare] = [summary(rounds.stack), summary(rounds.bare)];
  const failed = stack.failed + bare.failed;
  const within = ratio >= BAR && failed === 0;

  const cells = (name: string, { per_second, p50_ms, p99_ms, failed }: typeof stack) => [
    name,
    per_second.toFixed(0),
    milliseconds(p50_ms),
    milliseconds(p99_ms),
    String(failed),
  ];
  printTable(
    `A page of ${ROWS} of ${options.size.toLocaleString("en")} observations over ${CONNECTIONS} connections, median of ${runs} interleaved rounds of ${SECONDS} s`,
    ["server", "pages/s", "p50 ms", "p99 ms", "failed"],
    [
      { cells: cells("REST behind the gateway", stack), within: null },
      { cells: cells("node:http and pg", bare), within: null },
    ],
  );
  printTable(
    "Pages of the one for each page of the other, median of the rounds",
    ["ratio", "least", "most", "at least"],
    [
      {
        cells: [ratio, Math.min(...ratios), Math.max(...ratios), BAR].map((value) => value.toFixed(2)),
        within,
      },
    ],
  );
  saveResults("rest", { size: options.size, runs, connections: CONNECTIONS, rows: ROWS, stack, bare, ratios, ratio });
  if (failed > 0) throw new Error(`${failed} requests were not answered`);
  if (!within) throw new Error(`The ratio ${ratio.toFixed(2)} misses the bar of ${BAR.toFixed(2)}`);
  return 0;
});
