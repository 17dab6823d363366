import 'server-only'
import type { Client } from 'pg'
import { nowMilliseconds } from '#lib/clock.ts'
import { connectionPath } from '#lib/connection-url.ts'
import { type Check, finding, fine, none } from './finding.ts'

/** What every server must be set to; a value that is only a floor for the log is compared exactly too. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_write', 'remote_apply', 'local'],
  data_checksums: ['on'],
  password_encryption: ['scram-sha-256'],
  max_prepared_transactions: ['0'],
  log_min_messages: ['log', 'fatal', 'panic'],
  log_error_verbosity: ['terse'],
  log_min_error_statement: ['panic'],
  log_parameter_max_length_on_error: ['0'],
  log_statement: ['none'],
}

const clockSkewMillisecondsMax = 2000

const rowsOf = async <Row extends Record<string, unknown>>(client: Client, sql: string): Promise<Row[]> =>
  (await client.query<Row>(sql)).rows

const checkVersion = async (client: Client, title: string): Promise<Check> => {
  const [row] = await rowsOf<{ version: string }>(
    client,
    `SELECT current_setting('server_version') AS version`,
  )
  const major = Number.parseInt(row?.version ?? '0', 10)
  return major >= 15 && major <= 18
    ? fine(`${title}: version`, `PostgreSQL ${row?.version}`)
    : finding(`${title}: version`, `PostgreSQL ${row?.version} is not one of 15 to 18: move to one of those.`)
}

const checkSettings = async (client: Client, title: string): Promise<Check> => {
  const rows = await rowsOf<{ name: string; setting: string }>(
    client,
    'SELECT name, setting FROM pg_settings',
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  const wrong = Object.entries(wanted)
    .filter(([name, values]) => !values.includes(settings.get(name) ?? ''))
    .map(([name, values]) => `${name} is ${settings.get(name) ?? 'unknown'} (should be ${values[0]})`)
  return none(
    `${title}: settings`,
    wrong,
    'durable, and quiet about values',
    'set them in postgresql.conf and restart the server.',
  )
}

const checkClock = async (client: Client, title: string): Promise<Check> => {
  const before = nowMilliseconds()
  const [row] = await rowsOf<{ now: Date }>(client, 'SELECT clock_timestamp() AS now')
  const middle = (before + nowMilliseconds()) / 2
  const skew = Math.abs((row?.now.getTime() ?? 0) - middle)
  return skew <= clockSkewMillisecondsMax
    ? fine(`${title}: clock`, `within ${Math.round(skew)} ms of this machine's`)
    : finding(
        `${title}: clock`,
        `${Math.round(skew)} ms away from this machine's: let both take the time from the same NTP source.`,
      )
}

const checkConnection = async (client: Client, title: string, url: string): Promise<Check> => {
  const name = `${title}: connection`
  if (connectionPath(url) === 'socket') return fine(name, 'local socket')
  const [row] = await rowsOf<{ ssl: boolean; version: string }>(
    client,
    'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  )
  return row?.ssl === true && connectionPath(url) === 'verified-tls'
    ? fine(name, `verified ${row.version}`)
    : finding(
        name,
        'not on verified TLS: add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem to its address.',
      )
}

/** Version, settings, clock and connection of one server. */
export const checkServer = async (client: Client, title: string, url: string): Promise<Check[]> => [
  await checkVersion(client, title),
  await checkConnection(client, title, url),
  await checkSettings(client, title),
  await checkClock(client, title),
]

/** An embedded server must be reachable by its socket alone. */
export const checkSocketOnly = async (client: Client, title: string): Promise<Check> => {
  const [row] = await rowsOf<{ addresses: string }>(
    client,
    `SELECT current_setting('listen_addresses') AS addresses`,
  )
  return row?.addresses === ''
    ? fine(`${title}: network`, 'listens on no port')
    : finding(
        `${title}: network`,
        `listens on ${row?.addresses}: restart it with "npm start", which closes the port.`,
      )
}
