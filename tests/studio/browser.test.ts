import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findChromium } from "../support/chromium.ts";
import { service } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

const executablePath = findChromium();
const missing = "No Chromium on this machine: set CHROMIUM_PATH, or install the package chromium";
const absent =
  env.STUDIO_URL === undefined ? "This deployment has no Studio of its own: STUDIO_URL is not set" : missing;
const runs = executablePath !== null && env.STUDIO_URL !== undefined;

if (!runs) {
  test("Studio in a browser is not tested here", ({ skip }) => {
    if (process.env.CI === "true" && env.STUDIO_URL !== undefined) throw new Error(missing);
    process.stderr.write(`tests/studio/browser.test.ts was not run. ${absent}\n`);
    skip(absent);
  });
}

describe.runIf(runs)("Studio in a browser", () => {
  const base = env.STUDIO_URL ?? "";
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let school: FreshSchool;
  /** Requests to anywhere but Studio; none may be made, and none is let through. */
  const strays: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    school = await FreshSchool.create();
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    context = await browser.newContext();
    await context.route("**/*", async (route) => {
      const url = route.request().url();
      if (url.startsWith(`${base}/`) || url.startsWith("data:")) return route.continue();
      strays.push(url);
      return route.abort();
    });
    page = await context.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Failed to load/.test(message.text())) faults.push(message.text());
    });
  });
  afterAll(() => browser?.close());

  const open = (path: string) => page.goto(base + path);
  const run = async (sql: string) => {
    await open("/sql");
    await page.getByLabel("SQL", { exact: true }).fill(sql);
    await page.getByRole("button", { name: "Run" }).click();
    return page.getByRole("region", { name: "Results" });
  };

  test("lists the product's tables and opens one", async () => {
    const [setting] = unwrap(await service.from("setting_definitions").select("key").order("key").limit(1));
    await open("/");
    await page.getByRole("link", { name: "setting_definitions", exact: true }).click();
    await page.getByRole("gridcell", { name: setting?.key, exact: true }).waitFor();
    expect(page.url()).toBe(`${base}/editor/public.setting_definitions`);
  });

  test("adds, changes and removes a row", async () => {
    const code = `D${Date.now().toString(36).toUpperCase()}`;
    await open("/editor/public.districts");
    await page.getByRole("button", { name: "Insert" }).click();
    await page.locator("#insert-code").fill(code);
    await page.locator("#insert-name").fill("Before");
    await page.getByRole("button", { name: "Insert row" }).click();
    await page.getByRole("gridcell", { name: code }).waitFor();
    const stored = async () => unwrap(await service.from("districts").select("id,name").eq("code", code));
    expect(await stored()).toMatchObject([{ name: "Before" }]);

    const row = page.getByRole("row").filter({ hasText: code });
    await row.getByRole("gridcell", { name: "Before" }).dblclick();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("After");
    await page.keyboard.press("Enter");
    await expect.poll(stored, { timeout: 15_000 }).toMatchObject([{ name: "After" }]);

    await run(`delete from public.districts where code = '${code}'`);
    expect(await stored()).toEqual([]);
  });

  test("runs a query as postgres and shows its rows", async () => {
    const results = await run(
      `select current_user as who, code from public.schools where id = '${school.id}'; select 1 / 0`,
    );
    expect(await results.getByRole("cell").allTextContents()).toEqual(["postgres", expect.any(String)]);
    expect(await page.getByRole("alert").textContent()).toContain("division by zero");
  });

  test("shows the product's policies", async () => {
    await open("/policies");
    await page.getByRole("heading", { name: "public.observations", exact: true }).waitFor();
    await page.getByRole("cell", { name: "members read campuses" }).waitFor();
    expect(await page.getByText("Row-level security is off").count()).toBe(0);
  });

  test("shows users, buckets and the log", async () => {
    await open("/users");
    expect(await page.getByRole("cell").count()).toBeGreaterThan(0);
    await open("/storage");
    await page.getByRole("link", { name: "evidence", exact: true }).click();
    await page.getByRole("heading", { name: "Storage: evidence" }).waitFor();
    await open("/logs");
    await page.getByRole("cell", { name: "rest", exact: true }).first().waitFor();
  });

  test.each(["http://other.example", "http://127.0.0.1:1"])(
    "a page of %s can neither read an answer nor run SQL",
    async (origin) => {
      const other = await browser.newPage();
      onTestFinished(() => other.close());
      await other.route(`${origin}/**`, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Other</h1>" }));
      await other.goto(`${origin}/`);
      const read = await other.evaluate(async (studio) => {
        const tries = [
          () => fetch(`${studio}/rest/v1/schools?select=*`),
          () => fetch(`${studio}/_system/introspect`),
          () => fetch(`${studio}/sql`, { method: "POST", body: new URLSearchParams({ sql: "select 1" }) }),
        ];
        const answers = await Promise.allSettled(tries.map((each) => each()));
        return answers.filter(({ status }) => status === "fulfilled").length;
      }, base);
      expect(read).toBe(0);
      const answered = other.waitForResponse((response) => response.url() === `${base}/sql`);
      await other.evaluate((studio) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = `${studio}/sql`;
        const field = document.createElement("textarea");
        field.name = "sql";
        field.value = "create table public.stolen (id int)";
        form.append(field);
        document.body.append(form);
        form.submit();
      }, base);
      expect((await answered).status()).toBe(403);
      const results = await run("select to_regclass('public.stolen') as made");
      expect(await results.getByRole("cell").allTextContents()).toEqual(["null"]);
    },
  );

  test("nothing was asked for elsewhere, and nothing broke", () => {
    expect(strays).toEqual([]);
    expect(faults).toEqual([]);
  });
});
