import { Agent, get } from "node:http";
import { CONNECTIONS, type LoadResult, loadOptions } from "./page.ts";

const WARM_UP_MS = 500;

// A process of its own: what asks must not take its time from what answers.
const { url, headers, seconds } = loadOptions.parse(JSON.parse(process.argv[2] ?? ""));
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const times: number[] = [];
let failed = 0;

function request(): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0)).on("error", reject);
    }).on("error", reject);
  });
}

const from = performance.now() + WARM_UP_MS;
const until = from + seconds * 1000;
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    for (;;) {
      const start = performance.now();
      if (start >= until) return;
      const status = await request().catch(() => 0);
      if (status !== 200) failed += 1;
      else if (start >= from) times.push(performance.now() - start);
    }
  }),
);
agent.destroy();

times.sort((a, b) => a - b);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
const result: LoadResult = {
  answered: times.length,
  failed,
  perSecond: times.length / seconds,
  p50: at(0.5),
  p99: at(0.99),
};
process.stdout.write(JSON.stringify(result));
