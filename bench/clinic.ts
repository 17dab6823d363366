import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { openHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'
import { dataDirectoryOf, embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { parseEnv, type Env } from '#lib/parse-env.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { closeConnections } from './close-connections.ts'
import { makePlainDatabases, plainDatabases } from './plain-databases.ts'

/** A clinic to measure on: the demo's people, on servers of its own that run with production's settings. */
export type BenchClinic = {
  readonly env: Env
  /** the nurse's sessions; one person may well have several */
  readonly nurse: { readonly accountId: string; readonly tokens: readonly string[] }
  /** those whom the nurse cares for */
  readonly patients: readonly string[]
  /** addresses of the copies without any safeguard, for the web process's login */
  readonly plain: { readonly sealed: string; readonly open: string }
}

const patientCount = 24
const sessionCount = 4
let made: BenchClinic | undefined

/**
 * Runs a benchmark on the clinic, with both servers started before and stopped after. It is made once per process: the
 * settings are read once, so the next benchmark has to work in the same home. It goes away with the process.
 */
export async function withBenchClinic<T>(work: (clinic: BenchClinic) => Promise<T>): Promise<T> {
  const env = made?.env ?? makeBenchHome()
  return withDatabases(env, async () => {
    try {
      made ??= await makeClinic(env)
      return await work(made)
    } finally {
      await closeConnections()
    }
  })
}

/** The nurse with one of her sessions, as a request's actor. */
export function actorOf({ accountId, tokens }: BenchClinic['nurse'], session = 0): Actor {
  const sessionToken = tokens[session % tokens.length] ?? ''
  return brandActor({ accountId, role: 'nurse', displayName: 'A nurse', sessionToken, clientIp: '127.0.0.1' })
}

/** A home of its own for the servers of a benchmark; it goes away with the process. */
export function makeBenchHome(): Env {
  const home = mkdtempSync(path.join(tmpdir(), 'vigil-bench-'))
  const env = parseEnv({ VIGIL_HOME: home, VIGIL_ENV: 'demo' })
  process.once('exit', () => {
    for (const server of ['data', 'keystore'] as const)
      rmSync(dataDirectoryOf(home, server), { recursive: true, force: true })
    rmSync(home, { recursive: true, force: true })
  })
  openHome(home, 'demo')
  makeMissingSecrets(home, 'demo')
  return env
}

async function makeClinic(env: Env): Promise<BenchClinic> {
  await bootstrapEmbedded(env)
  await migrateDatabases(env)
  // Before anything that reads the settings is imported.
  Object.assign(process.env, embeddedEnvironment(env, 'command'))
  const { initialiseKeyStore } = await import('#lib/keys/initialise-key-store.ts')
  await initialiseKeyStore((await import('#lib/env.ts')).env)
  const { loadDemo } = await import('#lib/ops/demo/load-demo.ts')
  await loadDemo({ home: env.home, patients: patientCount })
  await makePlainDatabases(env)
  const nurse = await signInNurse(env)
  const { findMyPatients } = await import('#lib/phi/find-my-patients.ts')
  const found = await findMyPatients(actorOf(nurse), 50)
  if (found.length < 10) throw new Error('the benchmark has too few patients')
  return {
    env,
    nurse,
    patients: found.map(({ patientId }) => patientId),
    plain: {
      sealed: embeddedUrl(env.home, 'app', plainDatabases.sealed),
      open: embeddedUrl(env.home, 'app', plainDatabases.open),
    },
  }
}

async function signInNurse(env: Env): Promise<BenchClinic['nurse']> {
  const tokens = Array.from({ length: sessionCount }, () => randomBytes(32).toString('base64url'))
  const client = new pg.Client({ connectionString: embeddedUrl(env.home, 'superuser') })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: string }>(
      `SELECT a.id FROM app.account a JOIN app.care_team_member m ON m.account_id = a.id
        WHERE a.role = 'nurse' AND a.status = 'active' ORDER BY a.display_name LIMIT 1`,
    )
    const accountId = rows[0]?.id ?? ''
    for (const token of tokens) {
      await client.query(
        `SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '127.0.0.1', 'benchmark')`,
        [accountId, token],
      )
    }
    return { accountId, tokens }
  } finally {
    await client.end()
  }
}
