import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { carryOutShredding } from '#lib/phi/shred/carry-out-shredding.ts'
import { askForShredding, confirmShredding } from '#lib/phi/shred/shred-request.ts'
import { settleShredding } from '#lib/ops/start/settle-shredding.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { checkShredding } from './check-shredding.ts'

/*
 * What waits after a restore or a process that died: the doctor says it, and the start of Vigil settles what it may.
 */
let records: RecordCast
let keys: pg.Client
beforeAll(async () => {
  records = await makeRecordCast()
  keys = new pg.Client({ connectionString: (await testDatabase()).urls.keystore_superuser })
  await keys.connect()
})
afterAll(async () => {
  await keys.end()
  await records.close()
})

const fine = [{ name: 'destroyed records', ok: true, detail: 'records and key store agree' }]
const start = () => settleShredding(env, true)

/** Changes the data or the key store past every guard, as restoring a backup does. */
async function restore(on: Pick<pg.Client, 'query'>, text: string, patient: string): Promise<void> {
  await on.query("SET session_replication_role = 'replica'")
  await on.query(text, [patient])
  await on.query("SET session_replication_role = 'origin'")
}
const yesterdaysRecords = async (patient: string): Promise<void> => {
  const sql = records.cast.sql.superuser
  await restore(sql, 'DELETE FROM audit.destroyed_record WHERE patient_id = $1', patient)
  await restore(sql, 'DELETE FROM audit.shred_request WHERE patient_id = $1', patient)
}
const isMarked = async (patient: string): Promise<boolean> =>
  (await records.raw('SELECT FROM audit.destroyed_record WHERE patient_id = $1', [patient])).length === 1
const keyStates = async (patient: string) =>
  (await keys.query<{ state: string }>('SELECT state FROM keys.data_key WHERE owner_id = $1', [patient])).rows.map(({ state }) => state) // prettier-ignore

async function confirmed(patient: string): Promise<string> {
  const one = records.actorOf(await records.cast.signIn('admin'))
  const other = records.actorOf(await records.cast.signIn('compliance'))
  const asked = await askForShredding(one, patient, 'Asked for by letter of 12 November')
  if ('refusal' in asked) throw new Error(asked.refusal)
  expect(await confirmShredding(other, asked.requestId)).toBeNull()
  return asked.requestId
}

test('nothing waits: the doctor is content, and the start says nothing', async () => {
  await shredRecord(records, await records.addPatient({ familyName: 'Gone' }))
  expect(await checkShredding(env)).toEqual(fine)
  expect(await start()).toBeNull()
})

test('records restored from before a destruction are marked again at the start', async () => {
  const patient = await records.addPatient({ familyName: 'Gone' })
  await shredRecord(records, patient)
  await yesterdaysRecords(patient)
  const [before] = await checkShredding(env)
  expect(before).toMatchObject({ ok: false })
  expect(before?.detail).toContain('1 restored and not marked')

  expect(await start()).toContain('1 told to the records and 0 to the key store')
  expect(await isMarked(patient)).toBe(true)
  expect(await checkShredding(env)).toEqual(fine)
  expect(await start(), 'once').toBeNull()
})

test('a key store restored from before a destruction loses the keys again at the start', async () => {
  const patient = await records.addPatient({ familyName: 'Gone' })
  await shredRecord(records, patient)
  await restore(keys, "UPDATE keys.data_key SET state = 'active', wrapped = '\\x00' WHERE owner_id = $1", patient) // prettier-ignore
  expect((await checkShredding(env))[0]?.detail).toContain('1 whose keys a restored key store brought back')
  expect(await start()).toContain('0 told to the records and 1 to the key store')
  expect(await keyStates(patient)).toEqual(['destroyed'])
  expect(await checkShredding(env)).toEqual(fine)
})

test('a destruction that began is finished at the start; one that only was confirmed waits for a person', async () => {
  const begun = await records.addPatient({ familyName: 'Begun' })
  const request = await confirmed(begun)
  const died = asService('key-shredding', (job) =>
    carryOutShredding(job, env, request, () => {
      throw new Error('died')
    }),
  )
  await expect(died).rejects.toThrow('died')
  const waiting = await records.addPatient({ familyName: 'Waiting' })
  const other = await confirmed(waiting)
  expect((await checkShredding(env))[0]?.detail).toMatch(
    /1 begun and not finished.*1 confirmed and not begun/,
  )

  expect(await start()).toContain('1 finished')
  expect([await keyStates(begun), await keyStates(waiting)]).toEqual([['destroyed'], ['active']])
  expect((await checkShredding(env))[0]?.detail).not.toContain('begun and not finished')
  await asService('key-shredding', (job) => carryOutShredding(job, env, other))
  expect(await checkShredding(env)).toEqual(fine)
})

test('a mark that nobody asked for, and a hold on what is destroyed, are said and left alone', async () => {
  const marked = await records.addPatient({ familyName: 'Kept' })
  const held = await records.addPatient({ familyName: 'Held' })
  await shredRecord(records, held)
  await yesterdaysRecords(held)
  await records.raw(
    `INSERT INTO audit.legal_hold (patient_id, reason, placed_at, placed_by) VALUES ($1, 'Restored with the backup', app.now(), $2)`,
    [held, randomUUID()],
  )
  await asService('key-shredding', (job) =>
    records.cast.sql.worker.query('SELECT audit.shred_reapply($1, $2, now())', [job.sessionToken, marked]),
  )
  const [check] = await checkShredding(env)
  expect(check?.detail).toContain(
    `marked though nobody asked for it, and the keys are not destroyed: ${marked}`,
  )
  expect(check?.detail).toContain(`keys destroyed under a legal hold, so their pages fail: ${held}`)
  expect(await start()).toBeNull()
  expect([await keyStates(marked), await isMarked(held)]).toEqual([['active'], false])
})

test('a part that is away does not keep Vigil from starting', async () => {
  const away = 'postgresql://a:b@127.0.0.1:9/vigil'
  expect(await settleShredding({ ...env, keystoreUrl: away, keystoreOperatorUrl: away }, true)).toContain(
    'could not be looked at',
  )
  expect(await settleShredding(env, false)).toBeNull()
  expect(await checkShredding({ ...env, databaseWorkerUrl: away })).toMatchObject([{ ok: false }])
})
