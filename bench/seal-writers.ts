import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { embeddedAddress, embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { makeMissingSealKey } from '#lib/ops/seal/seal-key.ts'
import { keepSealer } from '#lib/ops/seal/sealer-process.ts'
import type { Env } from '#lib/parse-env.ts'
import type { BenchRow } from './bench-row.ts'
import { makeBenchHome } from './clinic.ts'
import { comparison, inTurn, throughput } from './rounds.ts'

export const name = 'seal-writers'

const root = fileURLToPath(new URL('..', import.meta.url))
const writers = 32
const milliseconds = 4000
const rounds = 5

/** What 32 writers lose by the sealer beside them, and would lose by one chain of hashes. */
export async function run(): Promise<BenchRow[]> {
  const env = makeBenchHome()
  return withDatabases(env, async () => {
    await bootstrapEmbedded(env)
    await migrateDatabases(env)
    makeMissingSealKey(env.home, env.url)
    const superuser = new pg.Client({ connectionString: embeddedUrl(env.home, 'superuser') })
    await superuser.connect()
    try {
      return await measureWriters(env, superuser)
    } finally {
      await superuser.end()
    }
  })
}

/** One row, committed; and the same behind the lock of a chain, as a log whose every row holds the hash of the one before would write it. */
async function measureWriters(env: Env, superuser: pg.Client): Promise<BenchRow[]> {
  await superuser.query(`
    CREATE SCHEMA bench;
    CREATE TABLE bench.chain (head bytea NOT NULL);
    INSERT INTO bench.chain VALUES (sha256(''));
    CREATE FUNCTION bench.plain() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields, outcome, purpose, client_ip)
      VALUES (gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'READ', 'chart-summary',
        '{"Patient": ["familyName", "mrn"], "Observation": ["value"]}', 'ALLOWED', 'TREAT', '10.0.0.1');
    END $$;
    CREATE FUNCTION bench.chained() RETURNS void LANGUAGE plpgsql AS $$
    DECLARE h bytea;
    BEGIN
      SELECT head INTO h FROM bench.chain FOR UPDATE;
      PERFORM bench.plain();
      UPDATE bench.chain SET head = sha256(h || convert_to(clock_timestamp()::text, 'UTF8'));
    END $$`)
  const pool = new pg.Pool({ connectionString: embeddedUrl(env.home, 'superuser'), max: writers })
  // At the end the server is stopped while connections are still closing.
  pool.on('error', () => undefined)
  const insert = () => throughput(writers, milliseconds, () => pool.query('SELECT bench.plain()'))
  const chained = () => throughput(writers, milliseconds, () => pool.query('SELECT bench.chained()'))
  const plan = {
    root,
    home: env.home,
    environment: 'demo' as const,
    url: embeddedAddress(env.home, 'sealer'),
  }
  const withSealer = async () => {
    const stop = keepSealer(plan)
    try {
      await untilSealing(superuser)
      return await insert()
    } finally {
      await stop()
    }
  }
  try {
    await insert()
    return [
      comparison(`${writers} writers with the sealer, against without`, 'rows/s', await inTurn(rounds, withSealer, insert), { atLeast: 0.9 }), // prettier-ignore
      comparison(`${writers} writers, against one chain of hashes`, 'rows/s', await inTurn(3, withSealer, chained), { atLeast: 5 }), // prettier-ignore
    ]
  } finally {
    await pool.end()
  }
}

/** Waits until the sealer has caught up. */
async function untilSealing(client: pg.Client): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    const { rows } = await client.query<{ open: boolean }>(
      `SELECT tree_size IS NULL OR coalesce(oldest_unsealed_at < clock_timestamp() - interval '3 seconds', false) AS open FROM audit.seal_status()`,
    )
    if (rows[0]?.open === false) return
    await sleep(100)
  }
  throw new Error('the sealer did not catch up within a minute')
}
