import { expect, test } from '@playwright/test'
import { ask, canaries } from './support/ask.ts'
import { database, rows } from './support/database.ts'
import { sessionOf } from './support/people.ts'
import { recordIds } from './support/records.ts'

// If the record of an access cannot be written, the data does not leave: 5xx, and no byte of it in the body. Each fault
// is real, made on the running product, and taken back; after it everything answers again.

test.describe.configure({ mode: 'serial' })

let nurse: string
let patient: string
let paths: { path: string; token: string }[]

test.beforeAll(async () => {
  const ids = await recordIds()
  nurse = await sessionOf('nadia')
  patient = await sessionOf('maria')
  paths = [
    { path: `/care/patients/${ids.patient}`, token: nurse },
    { path: '/care', token: nurse },
    { path: `/care/patients/${ids.patient}/notes/${ids.note}`, token: nurse },
    { path: '/home', token: patient },
    { path: `/results/${ids.result}`, token: patient },
    { path: '/who-looked', token: patient },
  ]
})

async function expectClosed(what: string): Promise<void> {
  for (const { path, token } of paths) {
    for (const headers of [{}, { rsc: '1' }]) {
      const reply = await ask(path, { token, headers })
      expect(canaries.test(reply.body), `${what}: ${path} shows something of the record`).toBe(false)
      if (Object.keys(headers).length === 0)
        expect(reply.status, `${what}: ${path}`).toBeGreaterThanOrEqual(500)
    }
  }
}

async function expectOpen(): Promise<void> {
  for (const { path, token } of paths) {
    await expect(async () => expect((await ask(path, { token })).status, path).toBe(200)).toPass({
      timeout: 20_000,
    })
  }
}

test('all answers are there to begin with', async () => {
  await expectOpen()
})

test('the trail cannot be written', async () => {
  const grants = (
    await rows<{ column_name: string }>(
      `SELECT column_name FROM information_schema.column_privileges WHERE table_schema = 'audit' AND table_name = 'patient_phi_audit_log' AND grantee = 'audit_gate' AND privilege_type = 'INSERT'`,
    )
  ).map((row) => row.column_name)
  expect(grants.length).toBeGreaterThan(10)
  await database().query('REVOKE INSERT ON audit.patient_phi_audit_log FROM audit_gate')
  await database().query(
    `REVOKE INSERT (${grants.join(', ')}) ON audit.patient_phi_audit_log FROM audit_gate`,
  )
  try {
    await expectClosed('no INSERT')
  } finally {
    await database().query(`GRANT INSERT (${grants.join(', ')}) ON audit.patient_phi_audit_log TO audit_gate`)
  }
  await expectOpen()
})

test('the partition of this month is missing', async () => {
  const [partition] = await rows<{ name: string; bound: string }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
      WHERE i.inhparent = 'audit.patient_phi_audit_log'::regclass ORDER BY c.relname LIMIT 1`,
  )
  if (!partition) throw new Error('no partition')
  await database().query(`ALTER TABLE audit.patient_phi_audit_log DETACH PARTITION audit.${partition.name}`)
  try {
    await expectClosed('no partition')
  } finally {
    await database().query(
      `ALTER TABLE audit.patient_phi_audit_log ATTACH PARTITION audit.${partition.name} ${partition.bound}`,
    )
  }
  await expectOpen()
})

test('the database goes away while requests are on their way, and lets nobody in', async () => {
  const asked = paths.flatMap(({ path, token }) => [1, 2, 3].map(() => ask(path, { token })))
  const pool = database()
  const [name] = await rows<{ name: string }>('SELECT current_database() AS name')
  await pool.query(`ALTER ROLE vigil_app NOLOGIN`)
  try {
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vigil_app' AND datname = $1`,
      [name?.name],
    )
    for (const reply of await Promise.all(asked)) {
      // either it was answered before the cut, whole, or it failed closed
      if (reply.status !== 200) {
        expect(reply.status).toBeGreaterThanOrEqual(500)
        expect(canaries.test(reply.body)).toBe(false)
      }
    }
    await expectClosed('no database')
  } finally {
    await pool.query(`ALTER ROLE vigil_app LOGIN`)
  }
  await expectOpen()
})

test('admission is refused by the database: a dead session sends nobody anything', async () => {
  const token = await sessionOf('nadia')
  await rows(
    `UPDATE app.session SET ended_at = now(), end_reason = 'test' WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
    [token],
  )
  for (const { path } of paths.slice(0, 3)) {
    const reply = await ask(path, { token })
    expect(reply.status, path).toBe(307)
    expect(canaries.test(reply.body)).toBe(false)
  }
})
