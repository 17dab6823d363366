import { afterAll, beforeAll, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { carryOutShredding } from './carry-out-shredding.ts'
import { reapplyShredding } from './reapply-shredding.ts'
import { askForShredding, confirmShredding } from './shred-request.ts'

/*
 * Whoever took the worker's login can say that a record was destroyed: the job that puts a restored database right has to be able to.
 * That word alone must not destroy a key, or it would stand for the two persons.
 */
let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const usableKeys = async (patient: string): Promise<number> => {
  const store = await processKeyStore()
  store.dropCachedKeys(patient)
  return (await store.dataKeysFor([patient])).get(patient)?.versions.length ?? 0
}

test('attack 50: a mark that nobody asked for and nobody confirmed destroys no key', async () => {
  const patient = await records.addPatient({ familyName: 'Kept' })
  await asService('key-shredding', async (job) => {
    const { rows } = await records.cast.sql.worker.query<{ marked: boolean }>(
      'SELECT audit.shred_reapply($1, $2, now()) AS marked',
      [job.sessionToken, patient],
    )
    expect(rows).toEqual([{ marked: true }])
    expect((await reapplyShredding(job, env)).toKeys).toEqual([])
  })
  expect(await usableKeys(patient)).toBe(1)
  // What it did is written down.
  const events = await records.raw(
    `SELECT 1 FROM audit.security_event_log WHERE event_type = 'KEY_SHRED_REAPPLIED' AND detail ->> 'patient_id' = $1`,
    [patient],
  )
  expect(events).toHaveLength(1)
})

test('attack 50: control: what two persons destroyed is destroyed again where a restore brought it back', async () => {
  const patient = await records.addPatient({ familyName: 'Gone' })
  const one = records.actorOf(await records.cast.signIn('admin'))
  const other = records.actorOf(await records.cast.signIn('compliance'))
  const asked = await askForShredding(one, patient, 'Asked for by letter of 12 November')
  if ('refusal' in asked) throw new Error(asked.refusal)
  expect(await confirmShredding(other, asked.requestId)).toBeNull()
  await asService('key-shredding', async (job) => {
    expect(await carryOutShredding(job, env, asked.requestId)).toMatchObject({ keyVersions: 1 })
    const marked = await records.cast.sql.worker.query<{ id: string }>(
      'SELECT audit.destroyed_all($1) AS id',
      [job.sessionToken],
    )
    expect(marked.rows).toEqual([{ id: patient }])
  })
  expect(await usableKeys(patient)).toBe(0)
})
