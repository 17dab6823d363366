import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { surfaceAreas } from '#lib/testing/prisma-surface/areas.ts'
import { at, canary, type Loose, type Stage, type SurfaceCase } from '#lib/testing/prisma-surface/case.ts'
import { surfaceTable } from '#lib/testing/prisma-surface/surface-table.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { recordStatements } from '#lib/testing/record-statements.ts'
import { withEncryption } from './extension.ts'
import { RefusedQuery, UndeclaredField } from './record-error.ts'

/*
 * Everything that Prisma can be asked is either right or refused, and the table of it in docs/encryption.md is what came of
 * trying (`npx vitest run --project db lib/phi/prisma-surface -u` writes it anew).
 */
let records: RecordCast
let stage: Omit<Stage, 'record' | 'extended'>
beforeAll(async () => {
  records = await makeRecordCast()
  const author = records.actors.clinician
  const mrn = 'MRN-4711'
  const patient = await records.addPatient({ familyName: 'Surface', givenName: 'Given', mrn }, author)
  const other = await records.addPatient({ familyName: 'Other' }, author)
  const made = await records.change([patient], async (record) => {
    await record.recordGrant.create({
      data: { patientId: patient, accountId: author.accountId, kind: 'self', parts: ['notes'], startsAt: at },
      select: { id: true },
    })
    return record.encounter.create({
      data: {
        patientId: patient,
        status: 'finished',
        startedAt: at,
        display: 'visit',
        observations: {
          create: [1, 2, 3].map((n) => ({
            kind: 'laboratory', status: 'final', effectiveAt: new Date(at.getTime() + (n - 1) * 60_000), display: `result ${n}`,
            code: `code ${n}`, valueNumber: n + 0.5, components: [{ n }],
          })), // prettier-ignore
        },
      },
      select: { id: true, observations: { take: 3, orderBy: { effectiveAt: 'asc' }, select: { id: true } } },
    })
  })
  stage = {
    patient,
    other,
    encounter: made.id,
    results: made.observations.map((row) => row.id),
    mrn,
    records,
    asAuthor: (work) =>
      granted(author, { view: 'note-writing', action: 'DELETE', patients: [patient] }, (record) =>
        work(record as unknown as Loose),
      ),
  }
})
afterAll(() => records.close())

const extended = () => withEncryption(prismaClient(), processKeyStore)

/** Runs a case in a unit of its own, which is rolled back. */
async function play({ run }: SurfaceCase): Promise<{ value?: unknown; error?: unknown }> {
  const back = new Error('back')
  let outcome: { value?: unknown; error?: unknown } = {}
  await records
    .change([stage.patient, stage.other], async (record) => {
      const full: Stage = {
        ...stage,
        record: record as unknown as Loose,
        extended: extended() as unknown as Stage['extended'],
      }
      outcome = await run(full).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      throw back
    })
    .catch((error: unknown) => {
      if (error !== back) throw error
    })
  return outcome
}

/** What Prisma itself says to what it does not have; nothing was sent either. */
const notThere = /not a function|preview feature must be enabled|there is no|does not support|only supports/

/** Values of sealed fields that the cases write and look for. */
const values = /\b(?:made|changed|result \d|code \d|a note|another|deep|why|own|t \d|MRN-4711)\b/
const refusals = new Map<SurfaceCase, string>()

describe.each(surfaceAreas.map(({ title, cases }) => [title, cases] as const))('%s', (_title, cases) => {
  test.each(cases.map((of) => [`${of.comes}: ${of.call}`, of] as const))('%s', async (_call, of) => {
    let outcome: { value?: unknown; error?: unknown } = {}
    const statements = await recordStatements(async () => {
      outcome = await play(of)
    })
    const parameters = statements.map((text) => text.slice(text.lastIndexOf(' -- ') + 4))
    expect(parameters.filter((text) => values.test(text) || text.includes(canary))).toEqual([])
    if (of.comes === 'right') {
      expect(outcome).toEqual({ value: of.gives })
      return
    }
    expect(outcome).not.toHaveProperty('value')
    const { error } = outcome
    // Prisma's own answer to what it does not have would do; nothing was sent then either.
    const ours = error instanceof RefusedQuery || error instanceof UndeclaredField
    if (!ours) expect(String(error)).toMatch(notThere)
    refusals.set(of, ours ? error.message : 'not there')
  })
})

const calls = surfaceAreas.flatMap(({ cases }) => cases.map((each) => each.call)).join('\n')
const generated = (file: string) => readFileSync(path.resolve('lib/db/generated', file), 'utf8')
/** The keys of a generated type. */
const keysOf = (source: string, type: string): string[] => {
  const body = new RegExp(`export type ${type}<?[^{]*= \\{\\n([^}]*)\\n\\}`).exec(source)?.[1] ?? ''
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, key = '']) => key)
}

describe('nothing is left out', () => {
  test('every method of a delegate and of the client stands in the table', () => {
    const offered = new Set([...Object.keys(prismaClient().observation)])
    for (
      let of: unknown = prismaClient();
      typeof of === 'object' && of !== null;
      of = Object.getPrototypeOf(of)
    )
      for (const key of Object.getOwnPropertyNames(of)) if (key.startsWith('$')) offered.add(key)
    expect(offered.size).toBeGreaterThan(25)
    expect([...offered].filter((name) => !calls.includes(name))).toEqual([])
  })

  test('every argument of every operation stands in the table', () => {
    const source = generated('models/Observation.ts')
    const operations = [...source.matchAll(/export type Observation(\w+)Args</g)]
      .map(([, name = '']) => name)
      .filter((name) => !/Count|Default/.test(name))
    expect(operations.length).toBeGreaterThan(14)
    const missing = operations.flatMap((name) => {
      const operation = name.charAt(0).toLowerCase() + name.slice(1)
      const own = calls
        .split('\n')
        .filter((text) => text.startsWith(`${operation}(`))
        .join(' ')
      // Our generator takes include and omit off the types; Prisma would take them.
      const keys = keysOf(source, `Observation${name}Args`)
      const all = keys.includes('select') ? [...keys, 'include', 'omit'] : keys
      return all.filter((key) => !new RegExp(`\\b${key}\\b`).test(own)).map((key) => `${operation}.${key}`)
    })
    expect(missing).toEqual([])
  })

  test('every filter stands in the table', () => {
    const source = generated('commonInputTypes.ts')
    const types = [...source.matchAll(/export type (\w+Filter)(?:Base)?</g)]
      .map(([, name = '']) => name)
      .filter((name) => !/^Nested|WithAggregates/.test(name))
    const keys = new Set([
      ...types.flatMap((type) => keysOf(source, type)),
      ...keysOf(generated('models/RecordGrant.ts'), 'StringNullableListFilter'),
      ...keysOf(generated('models/Observation.ts'), 'ObservationListRelationFilter'),
    ])
    expect(keys.size).toBeGreaterThan(15)
    const about = surfaceAreas.find(({ title }) => title.startsWith('Filters'))?.cases ?? []
    const text = about.map((each) => each.call).join('\n')
    expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(text))).toEqual([])
  })

  test('every nested write stands in the table', () => {
    const source = generated('models/Observation.ts') + generated('models/Encounter.ts')
    const about = surfaceAreas.find(({ title }) => title === 'Nested writes')?.cases ?? []
    for (const [side, type] of [
      ['children', 'ObservationUpdateManyWithoutEncounterNestedInput'],
      ['parent', 'EncounterUpdateOneWithoutObservationsNestedInput'],
    ] as const) {
      const keys = keysOf(source, type)
      expect(keys.length).toBeGreaterThan(6)
      const text = about
        .filter((each) => each.call.startsWith(side))
        .map((each) => each.call)
        .join('\n')
      expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(text))).toEqual([])
    }
  })
})

test('docs/encryption.md shows this table', async () => {
  const file = path.resolve('docs/encryption.md')
  const text = readFileSync(file, 'utf8')
  const [begin, end] = ['<!-- table: begin -->\n', '<!-- table: end -->']
  expect(text.split(begin)).toHaveLength(2)
  const before = text.slice(0, text.indexOf(begin) + begin.length)
  const after = text.slice(text.indexOf(end))
  expect(after.startsWith(end)).toBe(true)
  await expect(`${before}${surfaceTable(surfaceAreas, refusals)}${after}`).toMatchFileSnapshot(file)
})
