import { totalmem } from "node:os";

const MB = 1024 * 1024;

function clampedMegabytes(share: number, least: number, most: number): string {
  return `${Math.min(most, Math.max(least, Math.floor((totalmem() * share) / MB)))}MB`;
}

/** Server settings; `durable: false` trades crash safety for speed and is for tests only. */
export function serverSettings(port: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    // TCP only: socket paths have a length limit that deep project folders exceed.
    unix_socket_directories: "",
    max_connections: "120",
    wal_level: "logical",
    max_wal_senders: "10",
    max_replication_slots: "10",
    shared_preload_libraries: "pg_stat_statements",
    password_encryption: "scram-sha-256",
    timezone: "UTC",
    // As Supabase's image has it: policies and functions find what extensions bring.
    search_path: '"$user", public, extensions',
    log_timezone: "UTC",
    shared_buffers: clampedMegabytes(1 / 24, 128, 1024),
    effective_cache_size: clampedMegabytes(1 / 2, 512, 16_384),
    maintenance_work_mem: clampedMegabytes(1 / 64, 64, 512),
    work_mem: "16MB",
    random_page_cost: "1.1",
    max_wal_size: "2GB",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off", wal_writer_delay: "10ms" }),
  };
}
