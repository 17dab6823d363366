import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { keyContextFor } from '#lib/keys/key-context-for.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { reapplyShredding } from '#lib/phi/shred/reapply-shredding.ts'
import { askForShredding, confirmShredding } from '#lib/phi/shred/shred-request.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'
import { rotateKek } from './rotate-kek.ts'

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

type KeyRow = { owner_id: string; version: number; state: string; provider: string; kek_version: number; wrapped: Buffer | null } // prettier-ignore
const rowsOf = async (owner: string) =>
  (await keys.query<KeyRow>("SELECT * FROM keys.data_key WHERE purpose = 'data-key' AND owner_id = $1", [owner])).rows // prettier-ignore

/** Puts rows of the key store back as they were, past every guard: what restoring a backup does. */
async function restore(rows: readonly KeyRow[]): Promise<void> {
  await keys.query("SET session_replication_role = 'replica'")
  for (const row of rows)
    await keys.query(
      `UPDATE keys.data_key SET state = $3, provider = $4, kek_version = $5, wrapped = $6
        WHERE purpose = 'data-key' AND owner_id = $1 AND version = $2`,
      [row.owner_id, row.version, row.state, row.provider, row.kek_version, row.wrapped],
    )
  await keys.query("SET session_replication_role = 'origin'")
}

/** Whether a process that starts now can open a patient's record. */
async function opens(patient: string): Promise<boolean> {
  const store = await openKeyStore(env)
  try {
    return (await store.dataKeysFor([patient])).get(patient)?.active !== undefined
  } finally {
    await store.close()
  }
}

test('attack 50: a backup of the key store holds the key until the key-encryption key of its time is destroyed, and not longer', async () => {
  const gone = await records.addPatient({ familyName: 'Gone' })
  const kept = await records.addPatient({ familyName: 'Kept' })
  const yesterday = await rowsOf(gone)
  await shredRecord(records, gone)
  const today = await rowsOf(gone)
  expect(today).toMatchObject([{ state: 'destroyed', wrapped: null }])
  expect([await opens(gone), await opens(kept)]).toEqual([false, true])

  // Said honestly, and in docs/keys.md: whoever has yesterday's key store and today's root still opens the key.
  await restore(yesterday)
  expect(await opens(gone)).toBe(true)
  // A key store that really had to be restored is told by the records.
  const reapplied = await asService('key-shredding', (job) => reapplyShredding(job, env))
  expect(reapplied).toEqual({ toKeys: [gone], toRecords: [], unasked: [], held: [] })
  expect([await opens(gone), await opens(kept)]).toEqual([false, true])

  const source = await openKeySource(env)
  try {
    const rotated = await rotateKek(source, env, { checkAfterSeconds: 0, destroyAfterSeconds: 0 })
    expect(rotated).toMatchObject({ left: [0, 0], destroyed: [{ provider: 'file', version: 1 }] })
    await restore(yesterday)
    await expect(openKeyStore(env)).rejects.toBeInstanceOf(NotConfigured)
    const [row] = yesterday
    const provider = await source.providers.find('file', AbortSignal.timeout(10_000))
    if (!row?.wrapped || !provider) throw new Error('a row and a provider')
    const wrapped = { provider: row.provider, version: row.kek_version, blob: new Uint8Array(row.wrapped) }
    const context = keyContextFor(source.keyring, 'data-key', gone, row.version)
    expect(await provider.unwrap([{ wrapped, context }], AbortSignal.timeout(10_000))).toEqual([{ refused: 'destroyed' }]) // prettier-ignore
  } finally {
    await source.close()
  }
  await restore(today)
  expect([await opens(gone), await opens(kept)]).toEqual([false, true])
}, 240_000)

test(
  'attack 50: killed over and over, a destruction comes to its end, once',
  { timeout: 400_000 },
  async () => {
    const patients: string[] = []
    for (let count = 0; count < 24; count += 1) {
      const id = await records.addPatient({ familyName: `Number ${count}`, mrn: randomUUID() })
      const [one, two] = [await records.cast.signIn('admin'), await records.cast.signIn('compliance')]
      const asked = await askForShredding(records.actorOf(one), id, 'Asked for by letter of 12 November')
      if ('refusal' in asked) throw new Error(asked.refusal)
      expect(await confirmShredding(records.actorOf(two), asked.requestId)).toBeNull()
      patients.push(id)
    }
    // The last of them cannot be done while somebody holds its key: no call comes to its end, however long this process sleeps.
    await keys.query('SET idle_in_transaction_session_timeout = 0')
    await keys.query('BEGIN')
    await keys.query('SELECT FROM keys.data_key WHERE owner_id = $1 FOR UPDATE', [patients[0]])
    let killed = 0
    for (let round = 0; round < 6; round += 1) {
      const verb = await startVigil(['keys', 'shred', '--resume'])
      const enough = randomInt(1, 14)
      while (verb.said.err.split('\n').length <= enough && verb.child.exitCode === null) await sleep(1)
      await sleep(randomInt(0, 30))
      if (verb.child.exitCode === null && verb.child.kill('SIGKILL')) killed += 1
      await verb.ended
    }
    await keys.query('ROLLBACK')
    expect(killed, 'control: it really was killed, and in the middle').toBe(6)
    const last = [
      await startVigil(['keys', 'shred', '--resume']),
      await startVigil(['keys', 'shred', '--resume']),
    ]
    for (const verb of last) expect(await verb.ended, verb.said.err).toBe(0)

    const states = await keys.query('SELECT DISTINCT state FROM keys.data_key WHERE owner_id = ANY ($1)', [patients]) // prettier-ignore
    expect(states.rows).toEqual([{ state: 'destroyed' }])
    const tokens = await records.raw('SELECT FROM phi.search_token WHERE patient_id = ANY ($1)', [patients])
    const numbers = await records.raw('SELECT FROM phi.patient WHERE id = ANY ($1) AND coalesce(mrn_token, mrn_token_even) IS NOT NULL', [patients]) // prettier-ignore
    expect([tokens.length, numbers.length]).toEqual([0, 0])
    const events = await records.raw<{ event_type: string; count: string }>(
      `SELECT event_type, count(*) FROM audit.security_event_log
      WHERE event_type IN ('KEY_SHRED_STARTED', 'KEY_SHRED_COMPLETED') AND detail ->> 'patient_id' = ANY ($1)
      GROUP BY event_type, detail ->> 'patient_id'`,
      [patients],
    )
    expect(events).toHaveLength(patients.length * 2)
    expect(new Set(events.map(({ count }) => count))).toEqual(new Set(['1']))
  },
)
