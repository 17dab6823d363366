import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { loadPolicy } from '#lib/ops/load-policy.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { testDatabase } from './test-database.ts'

/** Text that the domain phi.ciphertext accepts; for tests that speak SQL and never decrypt. */
export const fakeCiphertext = (): string => `phi1.00000001.${randomBytes(40).toString('base64url')}`

export type CastMember = { accountId: string; token: string; role: PersonRole }

/** Connections as the logins of the product, for tests that bypass the application on purpose. */
export type Connections = {
  superuser: pg.Client
  app: pg.Client
  worker: pg.Client
  owner: pg.Client
  auditReader: pg.Client
}

export type Cast = {
  sql: Connections
  /** Maria is cared for by the team of Nadia and Ines; Otto by nobody. */
  maria: string
  otto: string
  people: Record<PersonRole, CastMember>
  signIn(role: PersonRole, displayName?: string): Promise<CastMember>
  close(): Promise<void>
}

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

/** Two patients, a team and one signed-in person of every role, made by the product's own SQL functions. */
export async function makeDoorCast(): Promise<Cast> {
  const { urls } = await testDatabase()
  const sql: Connections = {
    superuser: await connect(urls.superuser),
    app: await connect(urls.app),
    worker: await connect(urls.worker),
    owner: await connect(urls.owner),
    auditReader: await connect(urls.audit_reader),
  }
  await loadPolicy(sql.owner)
  const opened = await sql.worker.query<{ token: string }>(
    `SELECT app.service_session_open('import') AS token`,
  )
  const service = opened.rows[0]?.token ?? ''

  const signIn = async (role: PersonRole, displayName = `A ${role}`): Promise<CastMember> => {
    const accountId = randomUUID()
    const token = randomBytes(32).toString('base64url')
    const name = role === 'patient' || role === 'proxy' ? null : displayName
    await sql.worker.query('SELECT app.account_create($1, $2, $3, $4, NULL, $5, $6, NULL, $7, NULL)', [
      service, accountId, role, name, fakeCiphertext(), [randomBytes(32)], fakeCiphertext(),
    ]) // prettier-ignore
    await sql.app.query(
      `SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '10.0.0.7', 'test')`,
      [accountId, token],
    )
    return { accountId, token, role }
  }

  const people = {
    patient: await signIn('patient'),
    proxy: await signIn('proxy'),
    nurse: await signIn('nurse', 'Nadia Osei'),
    clinician: await signIn('clinician', 'Ines Moreau'),
    billing: await signIn('billing', 'Ben Ashby'),
    admin: await signIn('admin', 'Ada Lindqvist'),
    compliance: await signIn('compliance', 'Carla Nwosu'),
  }

  const maria = randomUUID()
  const otto = randomUUID()
  const team = randomUUID()
  await sql.worker.query('INSERT INTO app.care_team (id, name) VALUES ($1, $2)', [team, `Team ${team}`])
  for (const who of ['nurse', 'clinician'] as const) {
    await sql.worker.query('INSERT INTO app.care_team_member (care_team_id, account_id) VALUES ($1, $2)', [
      team,
      people[who].accountId,
    ])
  }
  const fields = {
    Patient: ['familyName', 'ssn'], Observation: ['display', 'value'], NoteVersion: ['title', 'body'], RecordGrant: [], CareRelationship: [],
    Claim: ['total', 'diagnosisCodes'], ClaimLine: ['serviceCategory', 'serviceDisplay'],
  } // prettier-ignore
  for (const patient of [maria, otto]) {
    const request = randomUUID()
    await sql.worker.query(`SELECT * FROM audit.admit($1, $2, 'CREATE', 'import', $3, $4, NULL, NULL, NULL, NULL, NULL)`, [
      service, request, JSON.stringify(fields), [patient],
    ]) // prettier-ignore
    await asUnit(sql.worker, 'phi_job_import', request, async (unit) => {
      const effect = (model: string, names: string[]): Promise<unknown> =>
        unit.query(`SELECT audit.effect($1, 'CREATE', $2, $3, '{}', NULL)`, [patient, model, names])
      await effect('Patient', ['familyName', 'ssn'])
      for (const model of ['Observation', 'Note', 'NoteVersion', 'Claim', 'ClaimLine', 'CareRelationship', 'RecordGrant'])
        await effect(model, []) // prettier-ignore
      await unit.query('INSERT INTO phi.patient (id, family_name, ssn) VALUES ($1, $2, $3)', [
        patient,
        fakeCiphertext(),
        fakeCiphertext(),
      ])
      await unit.query(
        `INSERT INTO phi.observation (id, patient_id, kind, status, effective_at, display, value) VALUES (gen_random_uuid(), $1, 'laboratory', 'final', now(), $2, $3)`,
        [patient, fakeCiphertext(), fakeCiphertext()],
      )
      const note = randomUUID()
      await unit.query(
        `INSERT INTO phi.note (id, patient_id, class, status, author_id, authored_at, signed_at, current_version) VALUES ($1, $2, 'clinical', 'signed', $3, now(), now(), 1)`,
        [note, patient, people.clinician.accountId],
      )
      await unit.query(
        `INSERT INTO phi.note_version (id, patient_id, note_id, class, number, status, author_id, written_at, signed_at, title, body)
         VALUES (gen_random_uuid(), $1, $2, 'clinical', 1, 'signed', $3, now(), now(), $4, $5)`,
        [patient, note, people.clinician.accountId, fakeCiphertext(), fakeCiphertext()],
      )
      const claim = randomUUID()
      await unit.query(`INSERT INTO phi.claim (id, patient_id, status, submitted_at, total) VALUES ($1, $2, 'active', now(), $3)`, [
        claim, patient, fakeCiphertext(),
      ]) // prettier-ignore
      await unit.query(
        `INSERT INTO phi.claim_line (id, patient_id, claim_id, line_number, service_category) VALUES (gen_random_uuid(), $1, $2, 1, $3)`,
        [patient, claim, fakeCiphertext()],
      )
      if (patient === maria) {
        await unit.query(
          `INSERT INTO phi.care_relationship (id, patient_id, care_team_id, starts_at) VALUES (gen_random_uuid(), $1, $2, now() - interval '1 day')`,
          [maria, team],
        )
        await unit.query(
          `INSERT INTO phi.record_grant (id, patient_id, account_id, kind, parts, starts_at)
           VALUES (gen_random_uuid(), $1, $2, 'self', '{results,summary,notes,billing,access-log}', now() - interval '1 day'),
                  (gen_random_uuid(), $1, $3, 'proxy', '{results}', now() - interval '1 day')`,
          [maria, people.patient.accountId, people.proxy.accountId],
        )
      }
    })
  }
  return {
    sql,
    maria,
    otto,
    people,
    signIn,
    close: async () => {
      await Promise.all(Object.values(sql).map((client) => client.end()))
    },
  }
}

export type Admission = {
  database_role: string | null
  admitted: string[]
  denied_reason: string | null
  request: string
}

/** Admits a unit of work as a person, committed by itself, the way the door does. */
export async function admit(
  app: pg.Client,
  person: { token: string },
  view: string,
  action: string,
  patients: string[],
  fields: object = {},
): Promise<Admission> {
  const request = randomUUID()
  const result = await app.query<Omit<Admission, 'request'>>(
    'SELECT database_role, admitted, denied_reason FROM audit.admit($1, $2, $3, $4, $5, $6, NULL, $7, NULL, NULL, NULL)',
    [person.token, request, action, view, JSON.stringify(fields), patients, '10.0.0.7'],
  )
  const row = result.rows[0]
  if (!row) throw new Error('admit answered nothing')
  return { ...row, request }
}

/** Works in a transaction that has assumed a role for a request; always ends it, committing when the work succeeded. */
export async function asUnit<T>(
  client: pg.Client,
  role: string,
  request: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN')
  try {
    await client.query(`SELECT set_config('role', $1, true), set_config('vigil.request', $2, true)`, [
      role,
      request,
    ])
    const value = await work(client)
    await client.query('COMMIT')
    return value
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
