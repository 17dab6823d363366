import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { env } from '#lib/env.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { importSources } from '#lib/ops/import-fhir/import-sources.ts'
import { silentProgress } from '#lib/ops/import-fhir/progress.ts'
import { RecordError } from '#lib/phi/record-error.ts'
import type { SearchTerms } from '#lib/phi/search-terms.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { replaceIndexKey, withIndexRoots } from '#lib/testing/replace-index-key.ts'
import type { IndexStep } from './index-step.ts'

let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())
afterEach(() => vi.restoreAllMocks())

const addPatient = (names: { familyName: string; mrn?: string; givenName?: string; birthDate?: string }) =>
  records.addPatient(names, records.actors.nurse)
const found = async (terms: SearchTerms) => {
  const search = { view: 'patient-search', terms } as const
  const outcome = await withSearch(records.actors.nurse, search, async (_record, patients) => patients)
  return outcome.kind === 'granted' ? outcome.patients : outcome.kind
}
const byNumber = (patients: string[], mrn: string) =>
  records.change(
    patients,
    async (record) => {
      const one = await record.patient.findUnique({ where: { mrn }, select: { id: true, mrn: true } })
      const list = await record.patient.findMany({
        where: { mrn: { in: [mrn] } },
        take: 5,
        select: { id: true },
      })
      return { one: one?.mrn, list: list.map((row) => row.id) }
    },
    { action: 'READ' },
  )
const taken = (mrn: string) =>
  addPatient({ familyName: 'Duplicate', mrn }).then(
    () => 'registered',
    (error: unknown) => (error instanceof RecordError ? error.code : String(error)),
  )
const change = (patient: string, data: { familyName?: string; mrn?: string | null }) =>
  records.change([patient], (record) =>
    record.patient.update({ where: { id: patient }, data, select: { id: true } }),
  )
const states = () => withIndexRoots((roots) => roots.read())
/** Versions of the tokens that a patient has, wherever they are. */
const versionsOf = async (patient: string) =>
  (
    await records.raw<{ version: number }>(
      `SELECT DISTINCT version FROM (
         SELECT key_version AS version FROM phi.search_token WHERE patient_id = $1
         UNION SELECT get_byte(mrn_token, 0) FROM phi.patient WHERE id = $1 AND mrn_token IS NOT NULL
         UNION SELECT get_byte(mrn_token_even, 0) FROM phi.patient WHERE id = $1 AND mrn_token_even IS NOT NULL
         UNION SELECT get_byte(code_token, 0) FROM phi.observation WHERE patient_id = $1 AND code_token IS NOT NULL) t
       ORDER BY 1`,
      [patient],
    )
  ).map((row) => row.version)

describe('attack 37: at every boundary between two steps, and after the last', () => {
  test('everybody is found, duplicates are refused, and what changes is found by its present value alone', async () => {
    const maria = await addPatient({
      familyName: 'Santos',
      givenName: 'Ana',
      birthDate: '1980-02-29',
      mrn: 'MRN 0042',
    })
    await records.change([maria], async (record) => {
      await record.patientContact.createMany({
        data: [
          { patientId: maria, kind: 'phone', value: '(555) 010-0142' },
          { patientId: maria, kind: 'email', value: 'maria@example.org' },
        ],
      })
      await record.observation.create({
        data: { patientId: maria, kind: 'laboratory', status: 'final', effectiveAt: new Date(), code: '4548-4', display: 'HbA1c', value: '6.1' },
        select: { id: true },
      }) // prettier-ignore
    })
    const steps: string[] = []
    let renamed = ''
    const asserted = async (step: IndexStep['kind'] | 'done') => {
      steps.push(step)
      const terms: SearchTerms[] = [
        { familyName: 'santos' }, { givenName: 'ANA' }, { familyName: 'Santos', birthDate: '1980-02-29' }, { mrn: 'mrn-0042' },
        { phone: '+1 555 010 0142' }, { email: 'Maria@example.ORG' },
      ] // prettier-ignore
      for (const each of terms)
        expect(await found(each), `${step} ${Object.keys(each).join()}`).toEqual([maria])
      expect(await byNumber([maria], 'mrn 0042'), step).toEqual({ one: 'MRN 0042', list: [maria] })
      expect(await taken('mrn.0042'), step).toBe('P2002')
      const codes = await records.change(
        [maria],
        (record) => record.observation.findMany({ where: { patientId: maria, code: '4548-4' }, take: 5, select: { value: true } }),
        { action: 'READ' },
      ) // prettier-ignore
      expect(codes, step).toEqual([{ value: '6.1' }])

      // Somebody who was registered in the step before, and gets another name and number in this one.
      if (renamed !== '') {
        await change(renamed, { familyName: `In${step}`, mrn: `N-${step}` })
        expect(await found({ familyName: `In${step}` }), step).toEqual([renamed])
        expect(await byNumber([renamed], `N-${step}`), step).toEqual({ one: `N-${step}`, list: [renamed] })
        for (const former of steps.slice(0, -1)) {
          expect(await found({ familyName: `In${former}` }), `${former} in ${step}`).toEqual([])
          expect(await found({ mrn: `N-${former}` }), `${former} in ${step}`).toEqual([])
        }
        // A number that was given up may be given to somebody else, and taken away again.
        const heir = await addPatient({ familyName: 'Heir', mrn: `N-${steps.at(-2) ?? ''}` })
        expect(await byNumber([heir], `N-${steps.at(-2) ?? ''}`)).toMatchObject({ list: [heir] })
        await change(heir, { mrn: null })
        expect(await records.raw('SELECT mrn_token, mrn_token_even FROM phi.patient WHERE id = $1', [heir]), step).toEqual([{ mrn_token: null, mrn_token_even: null }]) // prettier-ignore
      } else renamed = await addPatient({ familyName: `In${step}`, mrn: `N-${step}` })
    }
    const report = await replaceIndexKey({ between: asserted })
    expect(steps).toEqual(['begin', 'fill', 'former', 'remove', 'done'])
    expect(report).toMatchObject({ continued: false, former: 1, active: 2, onFormerVersion: 0 })
    expect(await states()).toEqual([
      { version: 1, state: 'destroyed' },
      { version: 2, state: 'active' },
    ])
    for (const patient of [maria, renamed]) expect(await versionsOf(patient)).toEqual([2])
  })

  test('a patient who is known is recognised by an import, and a number that is taken is not given twice', async () => {
    const bundle = (name: string, patient: object) => {
      const file = path.join(env.home, `${name}-${randomUUID()}.json`)
      writeFileSync(file, JSON.stringify({ resourceType: 'Patient', ...patient }))
      return file
    }
    const identifier = (value: string) => [
      { type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }, value },
    ]
    const take = (file: string) =>
      importSources({ paths: [file], source: 'elsewhere', teamId: null, progress: silentProgress })
    const same = { id: 'known', name: [{ family: 'Imported' }], identifier: identifier('IMP-1') }
    expect(await take(bundle('known', same))).toMatchObject({ created: 1 })
    let count = 0
    await replaceIndexKey({
      between: async (step) => {
        count += 1
        expect(await take(bundle('known', same)), step).toMatchObject({ created: 0, unchanged: 1 })
        expect(
          await take(bundle('other', { id: `other-${count}`, name: [{ family: 'Other' }], identifier: identifier('IMP-1') })),
          step,
        ).toMatchObject({ created: 1, refused: [] }) // prettier-ignore
      },
    })
    expect(count).toBe(5)
    const numbers = await records.raw<{ count: number }>(
      `SELECT count(*)::int AS count FROM phi.search_token WHERE column_id = 'patient.mrn' GROUP BY token HAVING count(*) > 1`,
    )
    expect(numbers).toEqual([])
  })
})

describe('attack 37: a process that has not heard', () => {
  test('is refused a duplicate of what others registered, finds everybody, and leaves no token that nobody can take away', async () => {
    const store = await processKeyStore()
    const stale = await store.indexKeys()
    const early = await addPatient({ familyName: 'Early', mrn: 'E-1' })
    let later = ''
    let step = 0
    await replaceIndexKey({
      between: async (kind) => {
        step += 1
        if (kind !== 'fill') return
        // Others know both versions already, this one the former alone.
        later = await addPatient({ familyName: 'Later', mrn: 'L-1' })
        expect(await versionsOf(later)).toHaveLength(2)
        const old = vi.spyOn(store, 'indexKeys').mockResolvedValue(stale)
        expect(await taken('L-1')).toBe('P2002')
        expect(await taken('E-1')).toBe('P2002')
        expect(await found({ familyName: 'Later' })).toEqual([later])
        expect(await byNumber([later], 'L-1')).toMatchObject({ list: [later] })
        await change(later, { mrn: 'L-2', familyName: 'Latest' })
        old.mockRestore()
        expect(await versionsOf(later)).toEqual([stale.active])
        expect(await taken('L-2')).toBe('P2002')
        // The number that it gave up is free for those who know both.
        const heir = await addPatient({ familyName: 'Heir', mrn: 'L-1' })
        await change(heir, { mrn: null })
      },
    })
    expect(step).toBe(5)
    for (const patient of [early, later]) expect(await versionsOf(patient)).toEqual([stale.active + 1])
    expect(await found({ familyName: 'Latest' })).toEqual([later])
    expect(await found({ familyName: 'Later' })).toEqual([])
  })
})

describe('ended at any moment', () => {
  class Killed extends Error {}

  test.each<IndexStep['kind']>(['begin', 'fill', 'former', 'remove'])(
    'before the step "%s", and after it: the next call goes on and ends it',
    async (victim) => {
      const patient = await addPatient({
        familyName: `Victim${victim}`,
        mrn: `V-${victim}-${randomUUID().slice(0, 8)}`,
      })
      const before = (await states()).find((root) => root.state === 'active')?.version ?? 0
      const die = (step: string) => {
        if (step === victim) throw new Killed()
      }
      await expect(replaceIndexKey({ between: die })).rejects.toThrow(Killed)
      // In the middle of the step: after its units, before what it would change in the key store.
      await expect(
        withIndexRoots(async (roots) => {
          const dead = () => Promise.reject(new Killed())
          const { rotateIndexRoot } = await import('./rotate-index-root.ts')
          return rotateIndexRoot({
            keys: await processKeyStore(), patientsPerSecond: 0, waits: { heldSeconds: 0.05, unitSeconds: 0 },
            roots: { read: roots.read, makeNext: victim === 'begin' ? dead : roots.makeNext, flip: victim === 'fill' ? dead : roots.flip, retire: victim === 'former' || victim === 'remove' ? dead : roots.retire },
          }) // prettier-ignore
        }),
      ).rejects.toThrow(Killed)
      expect(await found({ familyName: `Victim${victim}` })).toEqual([patient])
      const report = await replaceIndexKey()
      expect(report).toMatchObject({ continued: victim !== 'begin', former: before, onFormerVersion: 0 })
      expect(await versionsOf(patient)).toEqual([report.active])
      expect(await found({ familyName: `Victim${victim}` })).toEqual([patient])
    },
  )

  test('two at once end as one: nobody is without tokens, and one version was made', async () => {
    const patient = await addPatient({ familyName: 'Twice', mrn: `T-${randomUUID().slice(0, 8)}` })
    const before = await states()
    const reports = await Promise.all([replaceIndexKey(), replaceIndexKey()])
    const after = await states()
    expect(after).toHaveLength(before.length + 1)
    expect(after.filter((root) => root.state !== 'destroyed')).toEqual([
      { version: reports[0].active, state: 'active' },
    ])
    expect(reports.map((report) => report.onFormerVersion)).toEqual([0, 0])
    expect(await versionsOf(patient)).toEqual([reports[0].active])
    expect(await found({ familyName: 'Twice' })).toEqual([patient])
  })
})

test('the verb takes one kind of key at a time, and says so', async () => {
  const entry = { verb: 'keys rotate', usage: '', summary: '', load: () => import('./keys-rotate.ts') }
  const vigil = async (...words: string[]) => {
    let err = ''
    const status = await runCommandLine([entry], ['keys', 'rotate', ...words], () => env, {
      out: () => undefined,
      err: (text) => (err += text),
    })
    return { status, err }
  }
  for (const words of [
    ['--index', '--data'],
    ['--index', '--destroy-old', '30d'],
    ['--index', '--patient', randomUUID()],
    ['--index', '--throttle', 'fast'],
  ])
    expect(await vigil(...words), words.join(' ')).toMatchObject({
      status: 2,
      err: expect.stringContaining('Usage') as string,
    })
})
