import 'server-only'
import type pg from 'pg'
import { openClient } from '#lib/db/open-client.ts'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { databaseUrl, embeddedServers, findDatabaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { dataState, keystoreState } from '#lib/ops/migrate/applied-migrations.ts'
import { dataMigrations, keystoreMigrations } from '#lib/ops/migrate/migrate-databases.ts'
import type { Env } from '#lib/parse-env.ts'
import { checkGates } from './check-gates.ts'
import { checkKeyAges } from './check-key-ages.ts'
import { checkKeyProviders } from './check-key-providers.ts'
import { checkMail } from './check-mail.ts'
import { checkMachine } from './check-machine.ts'
import { checkMigrations } from './check-migrations.ts'
import { checkRoles } from './check-roles.ts'
import { checkSeal } from './check-seal.ts'
import { checkSecretFiles } from './check-secret-files.ts'
import { checkServer, checkSocketOnly } from './check-server.ts'
import { checkShredding } from './check-shredding.ts'
import { checkWorker } from './check-worker.ts'
import { type Check, finding, fine } from './finding.ts'

const checkDatabase = async (
  url: string,
  title: string,
  work: (client: pg.Client) => Promise<Check[]>,
): Promise<Check[]> => {
  try {
    const client = await openClient(url, { connectionTimeoutMillis: 10_000 })
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
    return [
      finding(
        `${title}: connection`,
        `it cannot be asked (${code}): is it running, and is its address right?`,
      ),
    ]
  }
}

const checkData = (env: Env): Promise<Check[]> => {
  const url = databaseUrl(env, 'app')
  return checkDatabase(url, 'database', async (client) => [
    ...(await checkServer(client, 'database', url)),
    ...(embeddedServers(env).includes('data') ? [await checkSocketOnly(client, 'database')] : []),
    await checkMigrations(client, 'database', dataState, dataMigrations()),
    ...(await checkSeal(client, env)),
    ...(await checkWorker(client, env)),
    ...(await checkMail(client, env)),
    ...(await checkRoles(client)),
    ...(await checkGates(client)),
  ])
}

const checkKeystore = (env: Env): Promise<Check[]> => {
  const url = databaseUrl(env, 'keystore')
  return checkDatabase(url, 'key store', async (client) => [
    ...(await checkServer(client, 'key store', url)),
    ...(embeddedServers(env).includes('keystore') ? [await checkSocketOnly(client, 'key store')] : []),
  ])
}

/** Only the owner of the key store may read its ledger of migrations. */
const checkKeystoreMigrations = async (env: Env): Promise<Check[]> => {
  const url = findDatabaseUrl(env, 'keystore_owner')
  if (url === undefined) return []
  return checkDatabase(url, 'key store', async (client) => [
    await checkMigrations(client, 'key store', keystoreState, keystoreMigrations()),
  ])
}

/** The other logins get in with their own passwords. */
const checkLogins = async (env: Env): Promise<Check[]> => {
  const checks: Check[] = []
  for (const name of ['worker', 'sealer', 'audit_reader'] as const) {
    const url = findDatabaseUrl(env, name)
    if (url === undefined) continue
    const getsIn = [fine(`login ${name}`, 'gets in')]
    checks.push(...(await checkDatabase(url, `login ${name}`, () => Promise.resolve(getsIn))))
  }
  return checks
}

const textOf = (checks: readonly Check[]): string => {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const findings = checks.filter(({ ok }) => !ok).length
  const lines = checks.map(({ name, ok, detail }) => `  ${ok ? '✓' : '✗'} ${name.padEnd(width)}  ${detail}`)
  const end =
    findings === 0
      ? `All ${checks.length} checks are fine.`
      : `${findings} of ${checks.length} checks found something.`
  return [...lines, '', end].join('\n')
}

/**
 * `vigil doctor`: is everything as it should be? Reads only, in a session of a job where ids of patients are
 * compared; what a change of passwords left half done is settled before, as by every command.
 */
export const run: CommandModule['run'] = ({ env }) =>
  withDatabases(env, async () => {
    const checks = [
      ...checkMachine(env),
      ...checkSecretFiles(env),
      ...(await checkData(env)),
      ...(await checkLogins(env)),
      ...(await checkKeystore(env)),
      ...(await checkKeystoreMigrations(env)),
      ...(await checkKeyProviders(env)),
      ...(await checkKeyAges(env)),
      ...(await checkShredding(env)),
    ]
    const ok = checks.every((check) => check.ok)
    return { ok, text: textOf(checks), json: { ok, checks } }
  })
