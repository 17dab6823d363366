import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { Access } from './types.ts'
import { fields } from './fields.generated.ts'

/*
 * Attack 58: table, column and field get other names, in the database and in the code, and every cell opens as before, because
 * what is sealed into it is the column's id. The client is really generated anew, from the schema as it would be.
 */
const root = path.resolve(import.meta.dirname, '../..')
const folder = path.join(root, 'test-results', `renamed-${process.pid}`)
const access = { view: 'import', action: 'UPDATE' } as const
const shown = { Encounter: ['headline', 'reason'] }

let records: RecordCast
let patient: string
let row: string
beforeAll(async () => {
  records = await makeRecordCast()
  patient = await records.addPatient({ familyName: 'Renamed' })
  const made = await records.change([patient], (record) =>
    record.encounter.create({
      data: { patientId: patient, status: 'finished', display: 'first', reason: 'why' },
      select: { id: true },
    }),
  )
  row = made.id
  await records.change([patient], (record) =>
    record.encounter.update({ where: { id: row }, data: { display: 'second' }, select: { id: true } }),
  )
  generateRenamed()
  await renameInDatabase()
}, 240_000)
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await records.close()
})

/** Prisma's client for the schema in which the field is called `headline`. */
function generateRenamed(): void {
  const schema = readFileSync(path.join(root, 'prisma/schema.prisma'), 'utf8')
  const [, head = '', model = '', tail = ''] = /^(.*\n)(model Encounter \{.*?\n\}\n)(.*)$/s.exec(schema) ?? []
  const renamed = model
    .replace(
      '  /// @phi\n  display        String?',
      '  /// @phi(id=encounter.display)\n  headline String? @map("caption")',
    )
    .replace('@@map("encounter")', '@@map("visit")')
  expect(renamed).toContain('headline')
  const text = (head + renamed + tail)
    .replace(/output\s*=\s*"[^"]*"/, `output = "${folder}/client"`)
    .replace(/generator fields \{[^}]*\}/, '')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'schema.prisma'), text)
  execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', path.join(folder, 'schema.prisma')], {
    cwd: root, env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }, stdio: 'pipe',
  }) // prettier-ignore
}

/** What the migration of such a release would do. */
async function renameInDatabase(): Promise<void> {
  await records.raw('SET ROLE phi_owner')
  await records.raw('ALTER TABLE phi.encounter RENAME TO visit')
  await records.raw('ALTER TABLE phi.visit RENAME COLUMN display TO caption')
  await records.raw(`SELECT phi.rename_in_history('encounter', 'visit', 'display', 'caption')`)
  await records.raw('RESET ROLE')
  await records.raw(
    `UPDATE audit.policy_view SET fields = jsonb_set(fields, '{Encounter}', fields -> 'Encounter' || '["headline"]') WHERE fields ? 'Encounter'`,
  )
}

type Call = (args: object) => Promise<unknown>
type Renamed = { encounter: { findMany: Call; update: Call } }
type Generated = Record<string, { table: string; encrypted: Record<string, { id: string; column: string }> }>

/** The code after the change, loaded anew: its client, and a registry in which the field has `id`. */
async function afterwards(id: string) {
  const registry = structuredClone(fields) as unknown as Generated
  const encounter = registry['Encounter']
  if (!encounter?.encrypted['display']) throw new Error('no such field')
  const { display, ...others } = encounter.encrypted
  encounter.table = 'visit'
  encounter.encrypted = { ...others, headline: { ...display, id, column: 'caption' } }
  vi.resetModules()
  vi.doMock('./fields.generated.ts', () => ({ fields: registry }))
  const client = (await import(path.join(folder, 'client/client.ts'))) as object
  vi.doMock('#lib/db/generated/client.ts', () => client)
  const { withRecord } = await import('./with-record.ts')
  const { asService } = await import('./service-actor.ts')
  const { verifyCells } = await import('./verify-cells/verify-cells.ts')
  const { rotationUnderTest } = await import('#lib/testing/rotate-for-test.ts')
  const { endPools } = await import('#lib/db/pools.ts')
  const run = async <T>(work: (record: Renamed) => Promise<T>, given: Partial<Access> = {}): Promise<T> => {
    const outcome = await asService('import', (actor) =>
      withRecord(actor, { ...access, patients: [patient], fields: shown, ...given }, (record) =>
        work(record as unknown as Renamed),
      ),
    )
    if (outcome.kind === 'denied') throw new Error(outcome.reason)
    return outcome.value
  }
  return { run, verifyCells, rotationUnderTest, endPools }
}

const read = (record: Renamed) =>
  record.encounter.findMany({
    where: { patientId: patient },
    take: 5,
    select: { headline: true, reason: true },
  })

test('attack 58: cells open, are changed and verified under the new names', async () => {
  const { run, verifyCells, endPools } = await afterwards('encounter.display')
  expect(await run(read)).toEqual([{ headline: 'second', reason: 'why' }])
  expect((await verifyCells(patient)).findings).toEqual([])
  await run((record) =>
    record.encounter.update({ where: { id: row }, data: { headline: 'third' }, select: { id: true } }),
  )
  expect(await run(read)).toEqual([{ headline: 'third', reason: 'why' }])
  expect(await verifyCells(patient)).toMatchObject({ findings: [], uncovered: {} })
  await endPools()
})

test('attack 58: earlier versions are re-encrypted under the new names too', async () => {
  const { run, rotationUnderTest, verifyCells, endPools } = await afterwards('encounter.display')
  const rotation = await rotationUnderTest()
  const report = await rotation.rotate({ patient })
  await rotation.close()
  expect(report).toMatchObject({ onOldVersions: 0, unreadable: [] })
  expect(await run(read)).toEqual([{ headline: 'third', reason: 'why' }])
  expect((await verifyCells(patient)).findings).toEqual([])
  const history = await records.raw<{ cell: string }>(
    `SELECT "row" ->> 'caption' AS cell FROM phi.row_history WHERE table_name = 'visit' AND row_id = $1`,
    [row],
  )
  expect(history.map(({ cell }) => cell.slice(0, 14))).toEqual(['phi1.00000002.', 'phi1.00000002.'])
  await endPools()
})

test('attack 58: control: with an id made from the new names nothing opens', async () => {
  const { run, endPools } = await afterwards('encounter.headline')
  await expect(run(read)).rejects.toMatchObject({ name: 'CellUnreadable', code: 'NOT_AUTHENTIC' })
  await endPools()
})
