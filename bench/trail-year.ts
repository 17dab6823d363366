import pg from 'pg'

/** The trail that `trail` measures on: ten million entries over the twelve months up to now. */
export type TrailYear = {
  /** some of the patients and staff that stand in it, so that every question is about another one */
  readonly patients: readonly string[]
  readonly actors: readonly string[]
  readonly from: Date
  readonly to: Date
}

const months = 12
const rowsPerMonth = 833_334
const patientCount = 12_000

/** Filled once per process: the benchmarks of one run share their clinic. */
let filled: Promise<TrailYear> | undefined

/**
 * Fills past months of the trail by SQL, as superuser past every safeguard, which is what makes it no trail: nothing in it was ever
 * admitted or sealed. Staff are the demo's, and so are the patients with most entries; a few of them have most, as in a clinic. Tables are
 * filled before they become partitions, so that indexes are built and not grown.
 */
export const fillTrailYear = (superuserUrl: string): Promise<TrailYear> => (filled ??= fill(superuserUrl))

async function fill(superuserUrl: string): Promise<TrailYear> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    await client.query(
      `SET statement_timeout = 0; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off`,
    )
    const actors = await column(
      client,
      `SELECT id FROM app.account WHERE role IN ('nurse', 'clinician', 'billing', 'service') ORDER BY id`,
    )
    const known = await column(client, `SELECT id FROM phi.patient ORDER BY id`)
    const starts = await column(
      client,
      `SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => n), 'YYYY-MM-01') FROM generate_series(${months - 1}, 0, -1) n`,
    )
    for (const [index, start] of starts.entries())
      await fillMonth(client, { actors, patients: known }, index, start)
    await client.query('VACUUM (ANALYZE) audit.patient_phi_audit_log')
    await fillExplanations(client)
    const patients = await column(
      client,
      `SELECT md5('patient' || n)::uuid FROM generate_series(200, ${patientCount - 1}, 200) n`,
    )
    const from = new Date(`${starts[0] ?? ''}T00:00:00Z`)
    return { patients, actors, from, to: new Date() }
  } finally {
    await client.end()
  }
}

async function fillMonth(
  client: pg.Client,
  { actors, patients }: { actors: string[]; patients: string[] },
  index: number,
  start: string,
): Promise<void> {
  const table = `audit.patient_phi_audit_log_${start.slice(0, 4)}${start.slice(5, 7)}`
  const isNow = (await column(client, `SELECT to_regclass('${table}') IS NOT NULL`))[0] === 'true'
  const target = isNow ? `${table}_bench` : table
  // Columns alone: their defaults would cost more than the rows.
  await client.query(`CREATE TABLE ${target} (LIKE audit.patient_phi_audit_log INCLUDING CONSTRAINTS)`)
  await client.query(`ALTER TABLE ${target} OWNER TO audit_owner`)
  await client.query(
    `INSERT INTO ${target} (log_id, seq, tx_id, accessed_at, actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view,
       changed_fields, purpose, outcome, reason, relation, break_glass_id, client_ip, db_user, db_pid)
     SELECT gen_random_uuid(), $3::bigint * ${rowsPerMonth} + g - 100000000, pg_current_xact_id(), r.at, ($1::uuid[])[1 + (abs(hashint4(g)::bigint) % 97 * (abs(hashint4(-g)::bigint) % 97) / 97)
         % cardinality($1)], (ARRAY['nurse', 'clinician', 'billing'])[1 + g % 3], CASE WHEN g % 83 <> 0 THEN 'phi_nurse' END, md5('session' || g / 300)::uuid,
       md5('request' || $3 || g / 2)::uuid, coalesce(($4::uuid[])[1 + p.number], md5('patient' || p.number)::uuid),
       (ARRAY['READ', 'READ', 'READ', 'READ', 'READ', 'SEARCH', 'UPDATE', 'CREATE'])[1 + g % 8], (ARRAY['chart-summary', 'chart-results', 'chart-notes', 'care-worklist', 'billing-account'])[1 + g % 5],
       (ARRAY['{"Patient": ["familyName", "givenName", "birthDate"], "Observation": ["display", "value", "unit"]}', '{"Observation": ["display", "value", "unit", "interpretation"]}',
         '{"Note": [], "NoteVersion": ["title", "body"]}', '{}'])[1 + g % 4]::jsonb,
       'TREAT', CASE WHEN g % 83 = 0 THEN 'DENIED' ELSE 'ALLOWED' END, CASE WHEN g % 83 = 0 THEN 'no-relation' END, 'care', CASE WHEN g % 20011 = 0 THEN gen_random_uuid() END,
       ('10.4.' || g % 30 || '.' || g % 200)::inet, 'vigil_app', 1
     FROM generate_series(1, ${rowsPerMonth}) g,
       LATERAL (SELECT (abs(hashint4(g + 7)::bigint) % ${patientCount} * (abs(hashint4(g + 11)::bigint) % ${patientCount}) / ${patientCount})::integer) p (number),
       LATERAL (SELECT $2::timestamptz + (least($2::timestamptz + interval '1 month', now()) - $2::timestamptz) * (g / ${rowsPerMonth + 1}.0)) r (at)`,
    [actors, `${start} 00:00:00+00`, index, patients],
  )
  if (isNow) {
    await client.query(`DROP TABLE ${table}`)
    await client.query(`ALTER TABLE ${target} RENAME TO ${table.slice('audit.'.length)}`)
  }
  await client.query(
    `ALTER TABLE audit.patient_phi_audit_log ATTACH PARTITION ${table} FOR VALUES FROM ('${start} 00:00:00+00') TO ('${nextMonth(start)} 00:00:00+00')`,
  )
}

/** What the watching job would have written for the last month: one in a hundred has no reason. */
async function fillExplanations(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO audit.access_explanation (actor_id, patient_id, day, tags, is_explained)
     SELECT l.actor_user_id, l.patient_id, (l.accessed_at AT TIME ZONE 'UTC')::date, CASE WHEN hashint8(max(l.seq)) % 100 = 0 THEN '{}' ELSE '{E1}' END::text[], hashint8(max(l.seq)) % 100 <> 0
       FROM audit.patient_phi_audit_log l WHERE l.accessed_at > now() - interval '31 days' GROUP BY 1, 2, 3`,
  )
  await client.query('VACUUM (ANALYZE) audit.access_explanation')
}

function nextMonth(start: string): string {
  const at = new Date(`${start}T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + 1)
  return at.toISOString().slice(0, 10)
}

async function column(client: pg.Client, text: string): Promise<string[]> {
  return (await client.query({ text, rowMode: 'array' })).rows.map((row: unknown[]) => String(row[0]))
}
