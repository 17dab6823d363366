import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rules } from '#lib/policy/rules.ts'
import { viewFields } from '#lib/policy/views.ts'
import { type Cast, admit, asUnit, makeDoorCast } from '#lib/testing/door-cast.ts'

// Role × table × column × verb, enumerated from the live catalogue and tried for real over raw SQL on the web login,
// with the widest admission that each role can get. What each role gets is the checked-in text beside this file.

let cast: Cast
const personRoles = [
  'phi_patient',
  'phi_proxy',
  'phi_nurse',
  'phi_clinician',
  'phi_billing',
  'phi_billing_identity',
  'phi_compliance',
] as const
const jobRoles = ['phi_job_import', 'phi_job_rotate', 'phi_job_reindex', 'phi_job_shred'] as const
type Role = (typeof personRoles)[number] | (typeof jobRoles)[number]
const databaseRoles: readonly Role[] = [...personRoles, ...jobRoles]
const isJob = (role: Role): boolean => jobRoles.some((job) => job === role)
let columns: { table: string; column: string }[] = []
let cases = 0

beforeAll(async () => {
  cast = await makeDoorCast()
  columns = (
    await cast.sql.superuser.query<{ table: string; column: string }>(`
      SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum`)
  ).rows
})
afterAll(async () => {
  await cast.close()
})

/** Whether a statement is let through by the grants; rows and constraints do not matter here. */
async function granted(unit: pg.Client, statement: string): Promise<boolean> {
  cases++
  await unit.query('SAVEPOINT attempt')
  const refused = await unit.query(statement).then(
    () => false,
    // "permission denied" is the grants' answer; any other complaint means that they let it pass
    (error: unknown) =>
      error instanceof pg.DatabaseError &&
      error.code === '42501' &&
      error.message.startsWith('permission denied'),
  )
  await unit.query('ROLLBACK TO SAVEPOINT attempt')
  return !refused
}

async function matrixOf(role: Role): Promise<string[]> {
  const lines: string[] = []
  await asUnit(isJob(role) ? cast.sql.worker : cast.sql.app, role, randomUUID(), async (unit) => {
    for (const table of [...new Set(columns.map((c) => c.table))]) {
      const own = columns.filter((c) => c.table === table).map((c) => c.column)
      const verdict: string[] = []
      for (const [verb, statement] of [
        ['select', (column: string) => `SELECT "${column}" FROM phi."${table}"`],
        ['insert', (column: string) => `INSERT INTO phi."${table}" ("${column}") SELECT NULL WHERE false`],
        ['update', (column: string) => `UPDATE phi."${table}" SET "${column}" = DEFAULT WHERE false`],
      ] as const) {
        const may: string[] = []
        for (const column of own) if (await granted(unit, statement(column))) may.push(column)
        if (may.length > 0) {
          const missing = own.filter((column) => !may.includes(column))
          verdict.push(
            `${verb} ${missing.length === 0 ? 'all' : missing.length < may.length ? `all but ${missing.join(', ')}` : may.join(', ')}`,
          )
        }
      }
      if (await granted(unit, `DELETE FROM phi."${table}" WHERE false`)) verdict.push('delete')
      if (await granted(unit, `TRUNCATE phi."${table}"`)) verdict.push('truncate')
      if (await granted(unit, `COPY phi."${table}" TO STDOUT`).catch(() => false)) verdict.push('copy')
      if (verdict.length > 0) lines.push(`  ${table}: ${verdict.join(' · ')}`)
    }
  })
  return lines
}

describe('what each database role may touch', () => {
  test('is the checked-in text', async () => {
    const text: string[] = []
    for (const role of databaseRoles) text.push(role, ...(await matrixOf(role)), '')
    // a clean end: COPY of a role with the grant streams rows only of admitted patients, and none was admitted here
    await expect(text.join('\n')).toMatchFileSnapshot('./role-matrix.golden.txt')
    expect(cases).toBeGreaterThan(5000)
    process.stdout.write(`role matrix: ${cases} cases of role × table × column × verb tried\n`)
  }, 240_000)
})

describe('the grants and the views', () => {
  const snake = (name: string): string => name.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase()

  test('agree: whatever a view shows can be selected by its role, and what billing must not see cannot', async () => {
    for (const role of databaseRoles) {
      const shown = rules.filter((rule) => rule.databaseRole === role && rule.action === 'READ')
      for (const rule of shown) {
        for (const [model, fields] of Object.entries(viewFields(rule.view))) {
          for (const field of fields) {
            const may = await cast.sql.superuser.query<{ may: boolean }>('SELECT has_column_privilege($1, $2, $3, $4) AS may', [
              role, `phi.${snake(model)}`, snake(field), 'SELECT',
            ]) // prettier-ignore
            expect(may.rows[0]?.may, `${role} ${rule.view} ${model}.${field}`).toBe(true)
          }
        }
      }
    }
  })

  test('leave each role without the other half of the record', async () => {
    const cannot: [Role, string][] = [
      ...['claim', 'claim_line', 'explanation_of_benefit', 'payment', 'coverage'].flatMap((t): [Role, string][] => [['phi_nurse', t], ['phi_clinician', t]]),
      ...['observation', 'note', 'note_version', 'condition', 'medication_request', 'allergy_intolerance', 'procedure', 'encounter', 'diagnostic_report', 'immunization', 'document_reference', 'row_history', 'search_token'].map((t): [Role, string] => ['phi_billing', t]),
      ...['patient', 'patient_contact', 'observation', 'note_version', 'condition', 'claim', 'record_grant', 'row_history', 'search_token'].map((t): [Role, string] => ['phi_compliance', t]),
    ] // prettier-ignore
    for (const [role, table] of cannot) {
      const may = await cast.sql.superuser.query<{ may: boolean }>(
        `SELECT has_any_column_privilege($1, $2, 'SELECT') AS may`,
        [role, `phi.${table}`],
      )
      expect(may.rows[0]?.may, `${role} ${table}`).toBe(false)
    }
    // the control: the same question finds a right that exists
    const has = await cast.sql.superuser.query<{ may: boolean }>(
      `SELECT has_any_column_privilege('phi_billing', 'phi.claim', 'SELECT') AS may`,
    )
    expect(has.rows[0]?.may).toBe(true)
  })

  test('show rows of the admitted patient alone, on every table that a role can read', async () => {
    const roles = [['nurse', 'chart-summary'], ['clinician', 'chart-summary'], ['patient', 'my-summary'], ['billing', 'billing-account']] as const // prettier-ignore
    for (const [person, view] of roles) {
      const admission = await admit(cast.sql.app, cast.people[person], view, 'READ', [cast.maria])
      await asUnit(cast.sql.app, admission.database_role ?? '', admission.request, async (unit) => {
        for (const table of [...new Set(columns.map((c) => c.table))]) {
          const key = table === 'patient' ? 'id' : 'patient_id'
          await unit.query('SAVEPOINT look')
          const rows = await unit.query<Record<string, string>>(`SELECT "${key}" FROM phi."${table}"`).then(
            (r) => r.rows,
            () => [],
          )
          await unit.query('ROLLBACK TO SAVEPOINT look')
          expect(
            rows.every((row) => row[key] === cast.maria),
            `${person} ${table}`,
          ).toBe(true)
          if (table === 'patient') expect(rows).toHaveLength(1)
        }
      })
    }
  })
})
