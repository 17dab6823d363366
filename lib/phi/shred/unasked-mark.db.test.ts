import { afterAll, beforeAll, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { carryOutShredding } from './carry-out-shredding.ts'
import { placeLegalHold } from './legal-hold.ts'
import { reapplyShredding } from './reapply-shredding.ts'
import { askForShredding, confirmShredding } from './shred-request.ts'
import { unmarkRecord } from './unmark-record.ts'

/*
 * Whoever took the worker's login can say that a record was destroyed: the job that puts a restored database right has to be able to.
 * That word alone must not destroy a key, or it would stand for the two persons; and it must not be the last word on the record.
 */
let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const person = async (role: PersonRole): Promise<Actor> => records.actorOf(await records.cast.signIn(role))

const usableKeys = async (patient: string): Promise<number> => {
  const store = await processKeyStore()
  store.dropCachedKeys(patient)
  return (await store.dataKeysFor([patient])).get(patient)?.versions.length ?? 0
}

/** What the worker's login can do by itself. */
const mark = (patient: string): Promise<boolean> =>
  asService('key-shredding', async (job) => {
    const { rows } = await records.cast.sql.worker.query<{ marked: boolean }>(
      'SELECT audit.shred_reapply($1, $2, now()) AS marked',
      [job.sessionToken, patient],
    )
    return rows[0]?.marked === true
  })

const readName = (actor: Actor, patient: string) =>
  withRecord(
    actor,
    { view: 'chart-summary', action: 'READ', patients: [patient], fields: { Patient: ['familyName'] } },
    (record) => record.patient.findMany({ where: { id: patient }, select: { familyName: true }, take: 1 }),
  )

const eventsOf = async (patient: string): Promise<string[]> => {
  const rows = await records.raw<{ event_type: string }>(
    `SELECT event_type FROM audit.security_event_log WHERE event_type ~ '^KEY_SHRED' AND detail ->> 'patient_id' = $1 ORDER BY seq`,
    [patient],
  )
  return rows.map(({ event_type: name }) => name)
}

async function destroy(patient: string) {
  const asked = await askForShredding(await person('admin'), patient, 'Asked for by letter of 12 November')
  if ('refusal' in asked) throw new Error(asked.refusal)
  expect(await confirmShredding(await person('compliance'), asked.requestId)).toBeNull()
  return asService('key-shredding', (job) => carryOutShredding(job, env, asked.requestId))
}

test('attack 50: a mark that nobody asked for and nobody confirmed destroys no key, and is reported', async () => {
  const patient = await records.addPatient({ familyName: 'Kept' })
  expect(await mark(patient)).toBe(true)
  const reapplied = await asService('key-shredding', (job) => reapplyShredding(job, env))
  expect(reapplied).toEqual({ toKeys: [], toRecords: [], unasked: [patient], held: [] })
  expect(await usableKeys(patient)).toBe(1)
  // What it did is written down.
  expect(await eventsOf(patient)).toEqual(['KEY_SHRED_REAPPLIED'])
})

test('attack 50: two persons take such a mark back; one alone, or somebody else, does not', async () => {
  const nurse = await person('nurse')
  const patient = await records.addPatient({ familyName: 'Kept' }, nurse)
  await mark(patient)
  expect(await readName(nurse, patient)).toMatchObject({ kind: 'denied', reason: 'record-destroyed' })
  const [admin, officer] = [await person('admin'), await person('compliance')]
  expect(await unmarkRecord(admin, admin, patient)).toBe('same-person')
  expect(await unmarkRecord(admin, nurse, patient)).toBe('not-allowed')
  expect(await unmarkRecord(nurse, admin, patient)).toBe('not-allowed')
  expect(await unmarkRecord(admin, officer, await records.addPatient())).toBe('not-marked')
  expect(await readName(nurse, patient), 'still closed').toMatchObject({ kind: 'denied' })

  expect(await unmarkRecord(admin, officer, patient)).toBeNull()
  expect(await readName(nurse, patient)).toMatchObject({
    kind: 'granted',
    value: [{ familyName: 'Kept' }],
  })
  expect(await eventsOf(patient)).toEqual([
    'KEY_SHRED_REAPPLIED',
    'KEY_SHRED_REFUSED',
    'KEY_SHRED_REFUSED',
    'KEY_SHRED_REFUSED',
    'KEY_SHRED_UNMARKED',
  ])
})

test('attack 50: no such mark is made on a record that is kept by a legal hold', async () => {
  const nurse = await person('nurse')
  const patient = await records.addPatient({ familyName: 'Held' }, nurse)
  expect(await placeLegalHold(await person('compliance'), patient, 'Letter of the court, case 17')).toHaveProperty('holdId') // prettier-ignore
  expect(await mark(patient)).toBe(false)
  expect(await readName(nurse, patient)).toMatchObject({ kind: 'granted' })
  expect(await eventsOf(patient)).toEqual(['KEY_SHRED_REFUSED'])
})

test('two persons can make a destruction of such a mark, and then nobody takes it back', async () => {
  const patient = await records.addPatient({ familyName: 'Gone' })
  await mark(patient)
  expect(await destroy(patient)).toMatchObject({ keyVersions: 1 })
  expect(await usableKeys(patient)).toBe(0)
  expect(await unmarkRecord(await person('admin'), await person('compliance'), patient)).toBe(
    'destroyed-already',
  )
  for (const change of [
    'DELETE FROM audit.destroyed_record WHERE patient_id = $1',
    'UPDATE audit.destroyed_record SET request_id = NULL WHERE patient_id = $1',
  ])
    await expect(records.raw(change, [patient])).rejects.toMatchObject({ code: '42501' })
})

test('attack 50: control: what two persons destroyed is destroyed again where a restore brought it back', async () => {
  const patient = await records.addPatient({ familyName: 'Gone' })
  expect(await destroy(patient)).toMatchObject({ keyVersions: 1 })
  await asService('key-shredding', async (job) => {
    const marked = await records.cast.sql.worker.query<{ id: string }>(
      'SELECT audit.destroyed_all($1) AS id',
      [job.sessionToken],
    )
    expect(marked.rows).toContainEqual({ id: patient })
  })
  expect(await usableKeys(patient)).toBe(0)
})
