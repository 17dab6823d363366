import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import { untilBlocked } from '#lib/testing/until-blocked.ts'
import { carryOutShredding } from './carry-out-shredding.ts'
import { askForShredding, confirmShredding } from './shred-request.ts'

/*
 * An admission lives 15 seconds. Whoever was admitted just before a destruction, with the keys in hand, must leave nothing behind
 * that the patient is found by.
 */
let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const tokensOf = async (patient: string): Promise<number> =>
  (await records.raw('SELECT FROM phi.search_token WHERE patient_id = $1', [patient])).length

const send = (text: string, values: unknown[]) =>
  currentUnit().connection.query({ name: randomUUID(), text, values })

/** What the door does for a change, with a token that was made before. */
async function writeToken(patient: string): Promise<void> {
  await send("SELECT audit.effect($1, 'UPDATE', 'Patient', '{}', '{mrnToken}', NULL)", [patient])
  await send("INSERT INTO phi.search_token (patient_id, row_id, column_id, key_version, token) VALUES ($1, $1, 'patient.family-name', 1, $2)", [patient, randomBytes(17)]) // prettier-ignore
}

/** Admits a writer, has the record destroyed, and lets the writer write. */
const lateWriter = (patient: string) =>
  records.change([patient], async () => {
    await shredRecord(records, patient)
    expect(await tokensOf(patient)).toBe(0)
    await writeToken(patient)
  })

async function definitionOfEffect(): Promise<string> {
  const [defined] = await records.raw<{ source: string }>(
    `SELECT pg_get_functiondef('audit.effect(uuid, text, text, text[], text[], uuid, jsonb)'::regprocedure) AS source`,
  )
  return defined?.source ?? ''
}

test('attack 31: who was admitted before a destruction writes no token after it', async () => {
  const patient = await records.addPatient({ familyName: 'Late' })
  await expect(lateWriter(patient)).rejects.toThrow()
  expect(await tokensOf(patient)).toBe(0)
})

test('attack 31: control: without the question whether it is destroyed, the patient is found again', async () => {
  const patient = await records.addPatient({ familyName: 'Late' })
  const source = await definitionOfEffect()
  const careless = source.replace("v.actor_role <> 'service' OR v.view = 'import'", 'false')
  expect(careless).not.toBe(source)
  await records.raw(careless)
  try {
    await lateWriter(patient)
    expect(await tokensOf(patient)).toBe(1)
  } finally {
    await records.raw(source)
  }
})

test('attack 31: a destruction waits for who is writing, and takes that away too', async () => {
  const patient = await records.addPatient({ familyName: 'Late' })
  const one = records.actorOf(await records.cast.signIn('admin'))
  const other = records.actorOf(await records.cast.signIn('compliance'))
  const asked = await askForShredding(one, patient, 'Asked for by letter of 12 November')
  if ('refusal' in asked) throw new Error(asked.refusal)
  expect(await confirmShredding(other, asked.requestId)).toBeNull()
  const steps: string[] = []
  let shredding: Promise<unknown> = Promise.resolve()
  await records.change([patient], async () => {
    await writeToken(patient)
    shredding = asService('key-shredding', (job) =>
      carryOutShredding(job, env, asked.requestId, (step) => void steps.push(step)),
    )
    const stopped = new AbortController()
    await Promise.race([untilBlocked(records.cast.sql.superuser, stopped.signal), shredding])
    stopped.abort()
    expect(steps).toEqual([])
  })
  expect(await shredding).toMatchObject({ patientId: patient })
  expect(await tokensOf(patient)).toBe(0)
})
