import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import pg from 'pg'
import { exportFile } from '#lib/audit/export/export-file.ts'
import { asText, sealedLogs, textSettings } from '#lib/audit/seal/sealed-log.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { asNdjson } from '#lib/ops/export/as-ndjson.ts'
import type { ExportPlan } from '#lib/ops/export/export-plan.ts'
import { trailRows } from '#lib/ops/export/trail-rows.ts'
import { writeSealedFile } from '#lib/ops/export/write-sealed-file.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { Env } from '#lib/parse-env.ts'
import type { BenchRow } from './bench-row.ts'
import { makeBenchHome } from './clinic.ts'
import { summarize } from './summarize.ts'

export const name = 'export'

const rounds = 5
const rowsInAll = 240_000
const actorOfFew = '00000000-0000-4000-8000-00000000000f'

/**
 * Exports of the trail as NDJSON: read through the worker's function, spelled as they were sealed, sealed for the disk. The floor is reading
 * the same columns of the same rows in pages and doing nothing with them. And the memory that four times as many rows take.
 */
export async function run(): Promise<BenchRow[]> {
  const env = makeBenchHome()
  return withDatabases(env, async () => {
    await bootstrapEmbedded(env)
    await migrateDatabases(env)
    const [superuser, worker] = [await connect(env, 'superuser'), await connect(env, 'worker')]
    try {
      await write(superuser)
      return await measure(env, superuser, worker)
    } finally {
      await superuser.end()
      await worker.end()
    }
  })
}

async function connect(env: Env, login: 'superuser' | 'worker'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: embeddedUrl(env.home, login) })
  await client.connect()
  await client.query(textSettings)
  return client
}

/** Rows as the gate writes them; a quarter of them by one person. */
async function write(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, resource_type, resource_id, changed_fields, outcome, purpose, relation, client_ip)
     SELECT CASE WHEN n % 4 = 0 THEN $2::uuid ELSE gen_random_uuid() END, 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'READ', 'chart-summary', 'Patient', gen_random_uuid(),
       '{"Patient": ["birthDate", "familyName", "givenName", "mrn", "sex"], "Condition": ["code", "onset", "status"], "Observation": ["code", "effectiveAt", "unit", "value"]}',
       'ALLOWED', 'TREAT', 'care', '10.0.0.1' FROM generate_series(1, $1) n`,
    [rowsInAll, actorOfFew],
  )
  await client.query('VACUUM (ANALYZE) audit.patient_phi_audit_log')
}

async function measure(env: Env, superuser: pg.Client, worker: pg.Client): Promise<BenchRow[]> {
  const speeds: number[] = []
  const floors: number[] = []
  const processor = { speeds: [] as number[], floors: [] as number[] }
  const growth = { few: [] as number[], many: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    const few = await exported(env, superuser, worker, { actor: actorOfFew })
    const many = await exported(env, superuser, worker, {})
    const floor = await readOnly(superuser)
    // The first round is for warming up.
    if (round === 0) continue
    speeds.push(many.clock)
    floors.push(floor.clock)
    processor.speeds.push(many.processor)
    processor.floors.push(floor.processor)
    growth.few.push(few.peakMegabytes)
    growth.many.push(many.peakMegabytes)
  }
  const [speed, floor] = [summarize(speeds), summarize(floors)]
  const [busy, busyFloor] = [summarize(processor.speeds), summarize(processor.floors)]
  const [few, many] = [summarize(growth.few), summarize(growth.many)]
  return [
    {
      what: `export as NDJSON, sealed, ${rowsInAll} rows`,
      unit: 'rows/s',
      median: speed.median,
      spread: speed.spread,
      floor: floor.median,
      ratio: speed.median / floor.median,
      bar: '≥ 20,000 rows/s',
      ok: speed.median >= 20_000,
    },
    {
      what: 'the same, per second of its processor time',
      unit: 'rows/s',
      median: busy.median,
      spread: busy.spread,
      floor: busyFloor.median,
      ratio: busy.median / busyFloor.median,
      bar: '≥ 20,000 rows/s',
      ok: busy.median >= 20_000,
    },
    {
      what: 'most memory at once, against a quarter of the rows',
      unit: 'MB',
      median: many.median,
      spread: many.spread,
      floor: few.median,
      ratio: many.median / few.median,
      bar: '≤ 1.25',
      ok: many.median / few.median <= 1.25,
    },
  ]
}

/** Writes one export as the worker does; how fast, and how much memory the process had at most while it ran. */
async function exported(
  env: Env,
  superuser: pg.Client,
  worker: pg.Client,
  criteria: object,
): Promise<Rate & { peakMegabytes: number }> {
  const plan = await running(superuser, criteria)
  let rows = 0
  let peak = 0
  const counted = async function* () {
    for await (const page of trailRows(worker, plan)) {
      rows += page.length
      peak = Math.max(peak, process.memoryUsage().rss)
      yield page
    }
  }
  globalThis.gc?.()
  const speed = await rate(async () => {
    await writeSealedFile(env.home, plan, asNdjson(counted()))
    return rows
  })
  rmSync(exportFile(env.home, plan.exportId, plan.attempt))
  return { ...speed, peakMegabytes: peak / 2 ** 20 }
}

type Rate = { clock: number; processor: number }

/** Rows a second: by the clock, and by this process's own processor time, which neighbours on the machine do not weigh on. */
async function rate(work: () => Promise<number>): Promise<Rate> {
  const start = performance.now()
  const used = process.cpuUsage()
  const rows = await work()
  const clock = performance.now() - start
  const { user, system } = process.cpuUsage(used)
  return { clock: (rows * 1000) / clock, processor: (rows * 1_000_000) / (user + system) }
}

/** An export that was agreed to and taken. */
async function running(superuser: pg.Client, criteria: object): Promise<ExportPlan> {
  const [exportId, reasonId] = [randomUUID(), randomUUID()]
  const all = {
    from: new Date(Date.now() - 86_400_000).toISOString(),
    to: new Date(Date.now() + 86_400_000).toISOString(),
    ...criteria,
  }
  await superuser.query(
    `INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES ($1, 'export-reason', $2)`,
    [reasonId, `phi1.00000001.${randomBytes(40).toString('base64url')}`],
  )
  await superuser.query(
    `INSERT INTO audit.trail_export (export_id, requested_by, requested_at, format, byte_order_mark, criteria, reason_text_id, rows_counted, needs_second, state, decided_by, decided_at, attempt, lease_until)
     VALUES ($1, gen_random_uuid(), now(), 'ndjson', false, $2, $3, 100001, true, 'RUNNING', gen_random_uuid(), now(), 1, now() + interval '1 hour')`,
    [exportId, JSON.stringify(all), reasonId],
  )
  const requestedAt = new Date()
  return {
    exportId,
    attempt: 1,
    format: 'ndjson',
    byteOrderMark: false,
    criteria: all,
    requesterName: 'Bench',
    requestedAt,
  }
}

/** Reads the same columns of the same rows in pages of the same size, and does nothing with them. */
const readOnly = (client: pg.Client): Promise<Rate> =>
  rate(async () => {
    let after: [string, string] = ['-infinity', '0']
    let rows = 0
    for (;;) {
      const page: pg.QueryArrayResult<(string | null)[]> = await client.query<(string | null)[]>({
        text: `SELECT ${sealedLogs.P.select}, l.accessed_at, l.seq FROM audit.patient_phi_audit_log l
                WHERE (l.accessed_at, l.seq) > ($1::timestamptz, $2::bigint) ORDER BY l.accessed_at, l.seq LIMIT 5000`,
        values: after,
        rowMode: 'array',
        types: asText,
      })
      rows += page.rows.length
      const last = page.rows.at(-1)
      if (!last || page.rows.length < 5000) return rows
      after = [last.at(-2) ?? '', last.at(-1) ?? '']
    }
  })
