import { z } from "zod";
import { authSchema } from "./auth-schema.ts";
import { byteSize } from "./bytes.ts";

const off = z.boolean().default(false);
const on = z.boolean().default(true);
const port = (value: number) => z.number().int().min(1).max(65_535).default(value);

const api = z.strictObject({
  enabled: on,
  port: port(54321),
  schemas: z.array(z.string()).default(["public", "graphql_public"]),
  extra_search_path: z.array(z.string()).default(["public", "extensions"]),
  max_rows: z.number().int().nonnegative().default(1000),
  auto_expose_new_tables: z.boolean().optional(),
  external_url: z.string().default(""),
  tls: z.strictObject({ enabled: off, cert_path: z.string().optional(), key_path: z.string().optional() }).prefault({}),
});

const db = z.strictObject({
  port: port(54322),
  shadow_port: port(54320),
  health_timeout: z.string().default("2m"),
  major_version: z.number().int().default(17),
  orioledb_version: z.string().default(""),
  pooler: z
    .strictObject({
      enabled: off,
      port: port(54329),
      pool_mode: z.enum(["transaction", "session"]).default("transaction"),
      default_pool_size: z.number().int().default(20),
      max_client_conn: z.number().int().default(100),
    })
    .prefault({}),
  vault: z.record(z.string(), z.string()).default({}),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  migrations: z.strictObject({ enabled: on, schema_paths: z.array(z.string()).default([]) }).prefault({}),
  seed: z.strictObject({ enabled: on, sql_paths: z.array(z.string()).default(["./seed.sql"]) }).prefault({}),
  network_restrictions: z
    .strictObject({
      enabled: off,
      allowed_cidrs: z.array(z.string()).default(["0.0.0.0/0"]),
      allowed_cidrs_v6: z.array(z.string()).default(["::/0"]),
    })
    .prefault({}),
  ssl_enforcement: z.strictObject({ enabled: off }).prefault({}),
});

const bucket = z.strictObject({
  public: off,
  /** Bytes; absent means the limit of `[storage]`. */
  file_size_limit: byteSize.optional(),
  allowed_mime_types: z.array(z.string()).default([]),
  objects_path: z.string().optional(),
});

const storage = z.strictObject({
  enabled: on,
  file_size_limit: byteSize.prefault("50MiB"),
  buckets: z.record(z.string(), bucket).default({}),
  s3_protocol: z.strictObject({ enabled: on }).prefault({}),
  image_transformation: z.strictObject({ enabled: off }).prefault({}),
  analytics: z.looseObject({ enabled: off }).prefault({}),
  vector: z.looseObject({ enabled: on }).prefault({}),
});

const edgeFunction = z.strictObject({
  enabled: on,
  verify_jwt: on,
  import_map: z.string().optional(),
  entrypoint: z.string().optional(),
  static_files: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
});

const localSmtp = z.strictObject({
  enabled: on,
  port: port(54324),
  smtp_port: z.number().int().optional(),
  pop3_port: z.number().int().optional(),
  admin_email: z.string().default("admin@email.com"),
  sender_name: z.string().default("Admin"),
});

/** config.toml as the official CLI reads it; absent keys get its defaults. */
export const configSchema = z.strictObject({
  project_id: z.string().default(""),
  api: api.prefault({}),
  db: db.prefault({}),
  realtime: z
    .strictObject({ enabled: on, ip_version: z.string().optional(), max_header_length: z.number().int().optional() })
    .prefault({}),
  studio: z
    .strictObject({
      enabled: on,
      port: port(54323),
      api_url: z.string().default("http://127.0.0.1"),
      openai_api_key: z.string().default(""),
    })
    .prefault({}),
  local_smtp: localSmtp.prefault({}),
  storage: storage.prefault({}),
  auth: authSchema.prefault({}),
  edge_runtime: z
    .strictObject({
      enabled: on,
      policy: z.enum(["per_worker", "oneshot"]).default("per_worker"),
      inspector_port: port(8083),
      deno_version: z.number().int().default(2),
      secrets: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  functions: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/), edgeFunction).default({}),
  analytics: z.looseObject({ enabled: off }).prefault({}),
  /** Other settings for named hosted branches; nothing local. */
  remotes: z.record(z.string(), z.unknown()).default({}),
  experimental: z.looseObject({}).prefault({}),
});

export type Config = z.output<typeof configSchema>;
