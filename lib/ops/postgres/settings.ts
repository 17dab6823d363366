import 'server-only'
import { availableParallelism, totalmem } from 'node:os'

/** Names and values of postgresql.conf. */
export type Settings = Readonly<Record<string, string>>

const mebibyte = 1024 * 1024

const clamp = (value: number, low: number, high: number): number =>
  Math.round(Math.min(high, Math.max(low, value)))

/** What keeps values out of the server's log: a parameter or a whole statement may be a patient's (45 CFR 164.312(a)). */
const quietLog: Settings = {
  // Above errors: the text of one may quote what it could not read ("invalid input syntax …"). The product logs their codes.
  log_min_messages: 'log',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_line_prefix: '%m [%p] %u ',
  log_timezone: 'UTC',
  logging_collector: 'off',
}

const common: Settings = {
  ...quietLog,
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  // A prepared transaction would outlive the unit of work that was admitted.
  max_prepared_transactions: '0',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  idle_in_transaction_session_timeout: '30s',
  // A client that went away frees its locks within seconds.
  client_connection_check_interval: '5s',
  timezone: 'UTC',
  // Every query is a small one: parallel workers and just-in-time compiling cost more than they bring,
  // and shared segments in /dev/shm are few in containers.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  wal_compression: 'on',
}

/** Settings of the cluster that holds the records, sized for the machine (1 GiB of buffers on one with 24 GiB). */
export const dataSettings = (memoryBytes = totalmem(), cores = availableParallelism()): Settings => {
  const memory = memoryBytes / mebibyte
  return {
    ...common,
    max_connections: String(clamp(cores * 40, 80, 200)),
    shared_buffers: `${clamp(memory / 24, 128, 4096)}MB`,
    effective_cache_size: `${clamp(memory / 2, 256, 65_536)}MB`,
    work_mem: '8MB',
    maintenance_work_mem: `${clamp(memory / 96, 64, 1024)}MB`,
    min_wal_size: '128MB',
    max_wal_size: '1GB',
  }
}

/** Settings of the key store: a few thousand small rows, read once per process and patient. */
export const keystoreSettings = (): Settings => ({
  ...common,
  max_connections: '40',
  shared_buffers: '16MB',
  effective_cache_size: '64MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  min_wal_size: '32MB',
  max_wal_size: '128MB',
})

/** postgresql.conf; every value is quoted, so that none can end its line. */
export const settingsFile = (settings: Settings, version: number): string => {
  // Known since 17: nobody, not even the superuser of a stolen session, changes the file behind our back.
  const all: Settings = version >= 17 ? { ...settings, allow_alter_system: 'off' } : settings
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  return `# Written by Vigil at every start; changes made here are lost.\n${lines.join('\n')}\n`
}
