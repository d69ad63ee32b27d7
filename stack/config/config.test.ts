import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, readConfig } from "./config.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

function project(toml: string, dotenv = ""): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "config-"));
  mkdirSync(path.join(folder, "supabase"));
  writeFileSync(path.join(folder, "supabase", "config.toml"), toml);
  writeFileSync(path.join(folder, "supabase", ".env"), dotenv);
  return folder;
}

describe("loadConfig", () => {
  test("gives absent keys the defaults of the official CLI", () => {
    const { config } = loadConfig(project(""));
    expect(config.api).toMatchObject({ port: 54321, max_rows: 1000, schemas: ["public", "graphql_public"] });
    expect(config.auth).toMatchObject({ jwt_expiry: 3600, minimum_password_length: 6, enable_signup: true });
    expect(config.storage.file_size_limit).toBe(50 * 1024 * 1024);
    expect(config.api.auto_expose_new_tables).toBeUndefined();
  });

  test("reads the project's own file without an unknown name", () => {
    const { config, notices } = loadConfig(projectDir);
    expect(config.auth.hook.custom_access_token).toEqual({
      enabled: true,
      uri: "pg-functions://postgres/private/custom_access_token",
    });
    expect(config.storage.buckets.evidence?.file_size_limit).toBe(25 * 1024 * 1024);
    expect(config.functions["audit-heads"]?.verify_jwt).toBe(false);
    expect(notices.filter((notice) => notice.includes("not known"))).toEqual([]);
  });

  test("substitutes env(NAME) from supabase/.env, under the process's own environment", () => {
    process.env.CONFIG_TEST_SITE = "https://process.example.test";
    const toml = `
      [auth]
      site_url = "env(CONFIG_TEST_SITE)"
      jwt_issuer = "env(CONFIG_TEST_ISSUER)"`;
    const dotenv = "CONFIG_TEST_SITE=https://file.example.test\nCONFIG_TEST_ISSUER=issuer";
    const { config } = loadConfig(project(toml, dotenv));
    expect(config.auth).toMatchObject({ site_url: "https://process.example.test", jwt_issuer: "issuer" });
  });

  test("leaves out a secret whose variable is not set, and says so", () => {
    const toml = `
      [db.vault]
      here = "value"
      absent = "env(CONFIG_TEST_UNSET)"
      [edge_runtime.secrets]
      ABSENT = "env(CONFIG_TEST_UNSET)"`;
    const { config, notices } = loadConfig(project(toml));
    expect(config.db.vault).toEqual({ here: "value" });
    expect(config.edge_runtime.secrets).toEqual({});
    expect(notices).toContain("db.vault.absent is not set, because the environment has no CONFIG_TEST_UNSET");
  });

  test("names the file when it is no TOML", () => {
    expect(() => loadConfig(project("[api"))).toThrow(/^Cannot read .*config\.toml: /);
  });
});

describe("readConfig", () => {
  test("reports unknown sections and keys, and reads the rest", () => {
    const { config, notices } = readConfig({
      api: { port: 1234, colour: "blue" },
      weather: { sunny: true },
      functions: { heads: { verify_jwt: false, speed: 9 } },
    });
    expect(config.api.port).toBe(1234);
    expect(config.functions.heads?.verify_jwt).toBe(false);
    expect(notices).toEqual(
      expect.arrayContaining([
        "weather is not known, and ignored",
        "api.colour is not known, and ignored",
        "functions.heads.speed is not known, and ignored",
      ]),
    );
  });

  test("refuses a wrong type by its name", () => {
    expect(() => readConfig({ api: { max_rows: "many" } })).toThrow(/^Cannot read config\.toml: api\.max_rows: /);
  });

  test("reports what the embedded stack cannot honour, and only that", () => {
    const quiet = readConfig({
      api: { schemas: ["public"] },
      storage: { vector: { enabled: false } },
      auth: { external: { google: { enabled: true } } },
    });
    expect(quiet.notices).toEqual([]);
    const { notices } = readConfig({
      api: { tls: { enabled: true } },
      auth: { external: { github: { enabled: true } } },
    });
    expect(notices).toContain("api.tls is on, but the API is served over plain HTTP");
    expect(notices).toContain("auth.external.github is on, but not emulated");
  });

  test.each([
    ["50MiB", 52_428_800],
    ["500KB", 512_000],
    ["1.5 gb", 1_610_612_736],
    [1024, 1024],
    ["12", 12],
  ])("reads the size %s", (text, bytes) => {
    expect(readConfig({ storage: { file_size_limit: text } }).config.storage.file_size_limit).toBe(bytes);
  });

  test("refuses a size without sense", () => {
    expect(() => readConfig({ storage: { file_size_limit: "large" } })).toThrow(/"large" is not a size/);
  });
});
