import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { leafData } from '#lib/audit/seal/leaf-data.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { asText, sealedLogs, textSettings } from '#lib/audit/seal/sealed-log.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { makeSignerKey } from '#lib/merkle/note-key.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import type { Env } from '#lib/parse-env.ts'
import type { BenchRow } from './bench-row.ts'
import { makeBenchHome } from './clinic.ts'
import { summarize } from './summarize.ts'

export const name = 'seal'

const rounds = 3
const rowsPerRound = 30_000

/**
 * Sealing and verifying by one process, in rows a second and against SHA-256 alone over the same bytes.
 */
export async function run(): Promise<BenchRow[]> {
  const env = makeBenchHome()
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-bench-seal-'))
  try {
    return await withDatabases(env, async () => {
      await bootstrapEmbedded(env)
      await migrateDatabases(env)
      const superuser = await connect(embeddedUrl(env.home, 'superuser'))
      try {
        return await measureSpeeds(env, superuser, path.join(folder, 'anchor.ndjson'))
      } finally {
        await superuser.end()
      }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  // A connection that the server ends when it stops would hide what went wrong before.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Rows as the gate writes them, nine of the trail of records and one security event in ten. */
async function write(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, resource_type, resource_id, changed_fields, outcome, purpose, relation, client_ip)
     SELECT gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'READ', 'chart-summary', 'Patient', gen_random_uuid(),
       '{"Patient": ["birthDate", "familyName", "givenName", "mrn", "sex"], "Condition": ["code", "onset", "status"], "Observation": ["code", "effectiveAt", "unit", "value"]}',
       'ALLOWED', 'TREAT', 'care', '10.0.0.1' FROM generate_series(1, $1)`,
    [Math.round(count * 0.9)],
  )
  await client.query(
    `INSERT INTO audit.security_event_log (event_type, actor_user_id, actor_role, session_id, detail, outcome, client_ip)
     SELECT 'SESSION_OPENED', gen_random_uuid(), 'nurse', gen_random_uuid(), '{"method": "totp"}', 'DONE', '10.0.0.1' FROM generate_series(1, $1)`,
    [Math.round(count * 0.1)],
  )
}

async function measureSpeeds(env: Env, superuser: pg.Client, anchorPath: string): Promise<BenchRow[]> {
  const key = makeSignerKey('bench.example/audit/bench/1')
  const anchor = openFileAnchor(anchorPath)
  const sealing = await connect(embeddedUrl(env.home, 'sealer'))
  const reading = await connect(embeddedUrl(env.home, 'sealer'))
  const sealer = new Sealer(sealing, () => key, anchor)
  await sealer.step()
  const bytes = await leafBytes(superuser)
  const figures = { sealing: [] as Rate[], verifying: [] as Rate[], hashing: [] as Rate[] }
  for (let round = 0; round <= rounds; round += 1) {
    await write(superuser, rowsPerRound)
    await superuser.query('CHECKPOINT')
    const seal = await rate(() => sealer.step())
    const hash = await rate(() => Promise.resolve(hashAll(bytes)))
    const verify = await rate(async () => {
      const verdict = await verifyTrail(reading, key.verifier, [anchor])
      if (!verdict.ok) throw new Error(`the trail does not verify: ${verdict.findings[0]?.kind}`)
      return verdict.checked
    })
    // The first round is for warming up.
    if (round === 0) continue
    figures.sealing.push(seal)
    figures.hashing.push(hash)
    figures.verifying.push(verify)
  }
  await Promise.all([sealing.end(), reading.end()])
  return (['clock', 'processor'] as const).flatMap((by) => {
    const of = (rates: readonly Rate[]) => rates.map((each) => each[by])
    const suffix = by === 'clock' ? '' : ', per second of its processor time'
    const hashing = of(figures.hashing)
    return [
      speed(
        `sealing, one process${suffix}`,
        of(figures.sealing),
        hashing,
        by === 'clock' ? 12_000 : undefined,
      ),
      speed(
        `full verification, one process${suffix}`,
        of(figures.verifying),
        hashing,
        by === 'clock' ? 30_000 : undefined,
      ),
    ]
  })
}

type Rate = { readonly clock: number; readonly processor: number }

/** Things done per second: by the clock, and by this process's own processor time, which neighbours on the machine do not weigh on. */
async function rate(work: () => Promise<number>): Promise<Rate> {
  const used = process.cpuUsage()
  const start = performance.now()
  const done = await work()
  const clock = performance.now() - start
  const { user, system } = process.cpuUsage(used)
  return { clock: (done * 1000) / clock, processor: (done * 1_000_000) / (user + system) }
}

/** What the leaves are the hashes of. */
async function leafBytes(client: pg.Client): Promise<Buffer[]> {
  await client.query(textSettings)
  await write(client, 20_000)
  const bytes: Buffer[] = []
  for (const log of Object.values(sealedLogs)) {
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT ${log.select} FROM audit.${log.table} l`,
      rowMode: 'array',
      types: asText,
    })
    for (const row of rows) bytes.push(Buffer.from(`\0${leafData(log, row)}`))
  }
  return bytes
}

function hashAll(bytes: readonly Buffer[]): number {
  let last = 0
  for (const each of bytes) last ^= createHash('sha256').update(each).digest()[0] ?? 0
  if (last < 0) throw new Error('unreachable')
  return bytes.length
}

function speed(what: string, figures: number[], floors: number[], bar: number | undefined): BenchRow {
  const { median, spread } = summarize(figures)
  const floor = summarize(floors).median
  const row = { what, unit: 'rows/s', median, spread, floor, ratio: median / floor }
  return bar === undefined
    ? row
    : { ...row, bar: `≥ ${bar.toLocaleString('en-US')} rows/s`, ok: median >= bar }
}
