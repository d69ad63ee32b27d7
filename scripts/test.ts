import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { consoleProgress } from "../stack/progress.ts";
import { type StatePaths, statePaths } from "../stack/state.ts";
import { generateTypes, typesFile } from "./generate-types.ts";
import { command, projectDir, stackOptions } from "./options.ts";
import { checkAdvisors } from "./suites/advisors.ts";
import { type Selection, type Suite, select } from "./suites/files.ts";
import { runFunctionTests } from "./suites/functions.ts";
import { runPgtap } from "./suites/pgtap.ts";
import { neverEmpty, show, type TestResult } from "./suites/result.ts";
import { checkFunctionTypes, checkStyle, checkTypes } from "./suites/static-checks.ts";
import { givenTarget, ownTarget, type Target } from "./suites/target.ts";
import { runVitest } from "./suites/vitest.ts";

function heading(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** The committed types must be those of the schema as it is. */
async function checkGeneratedTypes(paths: StatePaths, dbUrl: string): Promise<TestResult[]> {
  const name = "database.types.ts fits the schema";
  const file = path.relative(projectDir, typesFile);
  const fits = (await generateTypes(paths, dbUrl)) === readFileSync(typesFile, "utf8");
  return [
    fits
      ? { suite: "types", file, name, status: "passed" }
      : { suite: "types", file, name, status: "failed", message: "renew it with: npm run types" },
  ];
}

async function runSuites(selection: Selection, paths: StatePaths, target: Target | null): Promise<TestResult[]> {
  const { stateDir } = paths;
  const resultsFile = path.join(stateDir, "test-results.json");
  const all: TestResult[] = [];
  const record = (results: TestResult[]) => {
    all.push(...results);
    writeFileSync(resultsFile, `${JSON.stringify(all, null, 2)}\n`);
  };
  // What breaks off counts as one failure, and the other suites still run.
  const guarded = (name: Suite, work: () => Promise<TestResult[]>) =>
    work().catch((error: unknown): TestResult[] =>
      show([{ suite: name, file: "", name: `${name} runs to its end`, status: "failed", message: String(error) }]),
    );
  const check = async (name: Suite, work: () => Promise<TestResult[]>) => {
    if (selection.wants(name)) record(await guarded(name, async () => show(await work())));
  };
  const suite = async (name: Suite, title: string, work: (files: string[]) => Promise<TestResult[]>) => {
    const files = selection.files(name);
    if (!selection.wants(name) || (files.length === 0 && !selection.whole)) return;
    heading(title);
    record(neverEmpty(name, await guarded(name, () => work(files))));
  };
  const env = { ...target?.env, TEST_RESULTS: resultsFile };
  const dbUrl = target?.dbUrl;

  if ((["types", "lint", "advisors"] as const).some(selection.wants)) heading("Static checks");
  await check("types", checkTypes);
  await check("types", () => checkFunctionTypes(stateDir));
  await check("lint", checkStyle);
  if (dbUrl && target.own) await check("types", () => checkGeneratedTypes(paths, dbUrl));
  if (dbUrl) await check("advisors", () => checkAdvisors(paths, dbUrl));
  if (dbUrl) await suite("pgtap", "Database (pgTAP)", (files) => runPgtap(files, dbUrl));
  else if (selection.wants("pgtap")) heading("Database (pgTAP): left out, because SUPABASE_DB_URL is not set");
  await suite("unit", "Stack", (files) => runVitest("unit", files, stateDir, {}));
  if (selection.files("functions").length > 0) {
    await suite("functions", "Edge functions", (files) => runFunctionTests(files, stateDir, env));
  }
  await suite("integration", "Integration", (files) => runVitest("integration", files, stateDir, env));
  // They bring up stacks of their own, and end them with a kill.
  await suite("faults", "Faults", (files) => runVitest("faults", files, stateDir, {}));
  if (selection.files("docs").length > 0) {
    await suite("docs", "Documentation", (files) => runVitest("docs", files, stateDir, env));
  }
  return all;
}

await command(async () => {
  const { positionals, state = ".stack-test/run" } = stackOptions();
  const selection = select(positionals);
  const paths = statePaths(projectDir, state);
  const needsTarget = (["pgtap", "integration", "functions", "docs", "types", "advisors"] as const).some(
    selection.wants,
  );
  const target = givenTarget(process.env) ?? (needsTarget ? await ownTarget(state, consoleProgress()) : null);
  mkdirSync(paths.stateDir, { recursive: true });
  const results = await runSuites(selection, paths, target).finally(() => target?.close());

  const failed = results.filter(({ status }) => status === "failed");
  const passed = results.filter(({ status }) => status === "passed");
  if (failed.length > 0) heading("Failed");
  for (const { suite, file, name, message } of failed) {
    const why = message ? `\n   ${message.split("\n", 3).join("\n   ")}` : "";
    process.stdout.write(` ✗ ${suite}: ${file ? `${file}: ` : ""}${name}${why}\n`);
  }
  process.stdout.write(`\n${passed.length} passed, ${failed.length} failed\n`);
  return failed.length === 0 && passed.length > 0 ? 0 : 1;
});
