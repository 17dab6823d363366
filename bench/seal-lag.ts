import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { embeddedAddress, embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { makeMissingSealKey } from '#lib/ops/seal/seal-key.ts'
import { keepSealer } from '#lib/ops/seal/sealer-process.ts'
import type { BenchRow } from './bench-row.ts'
import { makeBenchHome } from './clinic.ts'
import { throughput } from './rounds.ts'
import { summarize } from './summarize.ts'

export const name = 'seal-lag'

const root = fileURLToPath(new URL('..', import.meta.url))
const writers = 32
const milliseconds = 12_000
const rounds = 3
const barSeconds = 3

/**
 * How long an entry lies unsealed while 32 writers write as fast as they can: from its own time, which is before its commit, until the
 * anchor has confirmed the checkpoint that covers it, which is after the sealing. So it is more than the time from commit to seal.
 */
export async function run(): Promise<BenchRow[]> {
  const env = makeBenchHome()
  return withDatabases(env, async () => {
    await bootstrapEmbedded(env)
    await migrateDatabases(env)
    makeMissingSealKey(env.home, env.url)
    const superuser = await connect(embeddedUrl(env.home, 'superuser'))
    const idle = () => connect(embeddedUrl(env.home, 'app'))
    const sealer = { root, home: env.home, environment: 'demo' as const, url: embeddedAddress(env.home, 'sealer') } // prettier-ignore
    const pool = new pg.Pool({ connectionString: embeddedUrl(env.home, 'superuser'), max: writers })
    pool.on('error', () => undefined)
    const stop = keepSealer(sealer)
    try {
      await superuser.query(makeWrite)
      const load = () => throughput(writers, milliseconds, () => pool.query('SELECT bench.write()'))
      return await measureLag(superuser, idle, load)
    } finally {
      await stop()
      await pool.end()
      await superuser.end()
    }
  })
}

const makeWrite = `
  CREATE SCHEMA bench;
  CREATE TABLE bench.held (at timestamptz);
  GRANT USAGE ON SCHEMA bench TO vigil_app;
  GRANT INSERT ON bench.held TO vigil_app;
  CREATE FUNCTION bench.write() RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields, outcome, purpose, client_ip)
    VALUES (gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'READ', 'chart-summary',
      '{"Patient": ["familyName", "mrn"], "Observation": ["value"]}', 'ALLOWED', 'TREAT', '10.0.0.1') $$`

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  // The server ends one that lies idle in a transaction.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Three ways of lying idle: not at all, in a transaction that has read, and in one that has written and never goes on. */
const idlers = [
  { what: 'no idle transaction', statement: null },
  {
    what: 'one lies idle after a read, the whole time',
    statement: 'SELECT count(*) FROM pg_catalog.pg_class',
  },
  { what: 'one lies idle after a write, until the server ends it', statement: 'INSERT INTO bench.held VALUES (now())' },
] as const // prettier-ignore

async function measureLag(
  superuser: pg.Client,
  connectIdle: () => Promise<pg.Client>,
  load: () => Promise<number>,
): Promise<BenchRow[]> {
  await load()
  const rows: BenchRow[] = []
  for (const { what, statement } of idlers) {
    const samples: Lag[] = []
    const rates: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await untilSealed(superuser)
      const from = await size(superuser)
      const idle = statement === null ? undefined : await connectIdle()
      try {
        if (statement !== null) {
          await idle?.query(`BEGIN`)
          // A reader that rests is ended after the same time; this one comes back before.
          await idle?.query(statement)
        }
        const isReader = statement?.startsWith('SELECT') === true
        const keeping = setInterval(() => void (isReader && idle?.query(statement)), 4000)
        rates.push(await load())
        clearInterval(keeping)
      } finally {
        await idle?.end()
      }
      await untilSealed(superuser)
      samples.push(await readLag(superuser, from))
    }
    rows.push(...rowsOf(what, samples, rates, statement?.startsWith('INSERT') === true))
  }
  return rows
}

type Lag = { p50: number; p99: number; most: number }

async function size(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ size: string }>(
    'SELECT max(tree_size)::text AS size FROM audit.checkpoint',
  )
  return Number(rows[0]?.size ?? 0)
}

/** Seconds, of every entry that was sealed from this place on. */
async function readLag(client: pg.Client, from: number): Promise<Lag> {
  const { rows } = await client.query<{ lag: [number, number, number] }>(
    `WITH covered AS (
       SELECT coalesce(lag(c.tree_size) OVER (ORDER BY c.tree_size), 0) AS first, c.tree_size AS size, r.anchored_at
         FROM audit.checkpoint c JOIN audit.anchor_receipt r USING (incarnation, tree_size) WHERE r.anchor = 'file')
     SELECT percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM c.anchored_at - f.accessed_at)::float8) AS lag
       FROM covered c JOIN audit.seal_leaf f ON f.leaf_index >= c.first AND f.leaf_index < c.size WHERE c.size > $1 AND f.leaf_index >= $1 AND f.log = 'P'`,
    [from],
  )
  const [p50 = 0, p99 = 0, most = 0] = rows[0]?.lag ?? []
  return { p50, p99, most }
}

async function untilSealed(client: pg.Client): Promise<void> {
  for (let turn = 0; turn < 1200; turn += 1) {
    const { rows } = await client.query<{ done: boolean }>(
      'SELECT tree_size IS NOT NULL AND oldest_unsealed_at IS NULL AND anchored_size = tree_size AS done FROM audit.seal_status()',
    )
    if (rows[0]?.done === true) return
    await sleep(100)
  }
  throw new Error('the sealer did not catch up within two minutes')
}

function rowsOf(what: string, samples: Lag[], rates: number[], isWriting: boolean): BenchRow[] {
  const row = (label: string, values: number[]) => ({ what: `${what}: ${label}`, unit: 's', ...summarize(values) }) // prettier-ignore
  const p99 = row('p99', samples.map((each) => each.p99)) // prettier-ignore
  return [
    { what: `${what}: written`, unit: 'entries/s', ...summarize(rates) },
    row('median', samples.map((each) => each.p50)),
    // A write that hangs keeps all that comes after it waiting, for as long as the server lets it hang: reported.
    isWriting ? p99 : { ...p99, bar: `< ${barSeconds} s`, ok: p99.median < barSeconds },
    row('longest', samples.map((each) => each.most)),
  ] // prettier-ignore
}
