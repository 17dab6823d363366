import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { defaultKeyLimits } from '#lib/keys/key-settings.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { CellUnreadable } from '#lib/phi/record-error.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { untilBlocked } from '#lib/testing/until-blocked.ts'
import { carryOutShredding, type ShredStep } from './carry-out-shredding.ts'
import { countedTables, countRecord } from './count-record.ts'
import { destroyedOn } from './destroyed-on.ts'
import { listLegalHolds, placeLegalHold, releaseLegalHold } from './legal-hold.ts'
import { reapplyShredding } from './reapply-shredding.ts'
import { askForShredding, cancelShredding, confirmShredding, listShredRequests } from './shred-request.ts'

const why = 'Asked for by letter of 12 November'
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

const person = async (role: PersonRole): Promise<Actor> => records.actorOf(await records.cast.signIn(role))
const keyStates = async (patient: string): Promise<string[]> =>
  (await keys.query<{ state: string }>('SELECT state FROM keys.data_key WHERE owner_id = $1', [patient])).rows.map(
    ({ state }) => state,
  ) // prettier-ignore

/** A patient with a number, a contact and a coded result, changed once, so that there is history too. */
async function addFullPatient(
  nurse?: Actor,
  familyName = 'Shredworthy',
): Promise<{ id: string; mrn: string }> {
  const mrn = `RC-${randomUUID().slice(0, 8)}`
  const id = await records.addPatient({ familyName, givenName: 'Ann', birthDate: '1970-03-04', mrn }, nurse)
  await records.change([id], async (record) => {
    await record.patientContact.create({
      data: { patientId: id, kind: 'email', value: `${mrn}@example.org` },
      select: { id: true },
    })
    await record.observation.create({
      data: { patientId: id, kind: 'laboratory', status: 'final', code: '718-7', display: 'Hemoglobin' },
      select: { id: true },
    })
    await record.patient.update({ where: { id }, data: { givenName: 'Anne' }, select: { id: true } })
  })
  return { id, mrn }
}

const asked = async (who: Actor, patient: string): Promise<string> => {
  const made = await askForShredding(who, patient, why)
  if ('refusal' in made) throw new Error(made.refusal)
  return made.requestId
}

async function confirmed(patient: string): Promise<string> {
  const request = await asked(await person('admin'), patient)
  expect(await confirmShredding(await person('compliance'), request)).toBeNull()
  return request
}

const carryOut = (request: string, reached?: (step: ShredStep) => void) =>
  asService('key-shredding', (job) => carryOutShredding(job, env, request, reached))

async function shred(patient: string): Promise<void> {
  expect(await carryOut(await confirmed(patient))).not.toHaveProperty('refusal')
}

const readName = (actor: Actor, patients: string[]) =>
  withRecord(actor, { view: 'chart-summary', action: 'READ', patients, fields: { Patient: ['familyName'] } }, (record) =>
    record.patient.findMany({ where: { id: { in: patients } }, select: { id: true, familyName: true }, take: 50 }),
  ) // prettier-ignore

const eventsOf = (patient: string) =>
  records.raw<{ event_type: string; outcome: string; reason: string | null }>(
    `SELECT event_type, outcome, detail ->> 'reason' AS reason FROM audit.security_event_log
      WHERE event_type ~ '^(KEY_SHRED|LEGAL_HOLD)' AND (detail ->> 'patient_id' = $1
        OR detail ->> 'request' IN (SELECT request_id::text FROM audit.shred_request WHERE patient_id = $1::uuid)) ORDER BY seq`,
    [patient],
  )

/** Rows of the patient in which anything is left to find them by, in every table that there is. */
async function tokensLeft(patient: string): Promise<string[]> {
  const columns = await records.raw<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped
        AND a.attname <> 'source_digest'`,
  )
  const left: string[] = []
  for (const { table, column } of columns) {
    const owner = table === 'patient' ? 'id' : 'patient_id'
    const found = await records.raw(`SELECT FROM phi.${table} WHERE ${owner} = $1 AND ${column} IS NOT NULL`, [patient]) // prettier-ignore
    if (found.length > 0) left.push(`${table}.${column}`)
  }
  const history = await records.raw(
    `SELECT FROM phi.row_history h, jsonb_each(h."row") e WHERE h.patient_id = $1 AND e.key ~ 'token' AND e.value <> 'null'`,
    [patient],
  )
  return history.length > 0 ? [...left, 'row_history.row'] : left
}

describe('two persons', () => {
  test('ask and confirm; one alone, somebody else’s role and an old code do not', async () => {
    const { id } = await addFullPatient()
    const [admin, officer] = [await person('admin'), await person('compliance')]
    for (const role of ['patient', 'proxy', 'nurse', 'clinician', 'billing'] as const)
      expect(await askForShredding(records.actors[role], id, why)).toEqual({ refusal: 'not-allowed' })
    expect(await askForShredding({ ...admin, sessionToken: 'no token' }, id, why)).toEqual({ refusal: 'no-session' }) // prettier-ignore
    expect(await askForShredding(admin, id, 'short')).toEqual({ refusal: 'reason-missing' })
    expect(await askForShredding(admin, randomUUID(), why)).toEqual({ refusal: 'no-such-patient' })
    const request = await asked(admin, id)
    expect(await askForShredding(officer, id, why)).toEqual({ refusal: 'asked-already' })
    expect(await confirmShredding(admin, request)).toBe('same-person')
    expect(await confirmShredding(await person('clinician'), request)).toBe('not-allowed')
    expect(await confirmShredding(officer, randomUUID())).toBe('no-such-request')
    expect(await carryOut(request)).toEqual({ refusal: 'not-confirmed' })
    const late = await person('compliance')
    await records.raw("UPDATE app.session SET second_factor_at = second_factor_at - interval '6 minutes' WHERE account_id = $1", [late.accountId]) // prettier-ignore
    expect(await confirmShredding(late, request)).toBe('code-too-old')
    expect(await keyStates(id), 'control: nothing was destroyed by all this').toEqual(['active'])
    expect(await confirmShredding(officer, request)).toBeNull()
    expect(await confirmShredding(await person('compliance'), request)).toBe('not-open')
    expect((await eventsOf(id)).map((event) => [event.event_type, event.reason].filter(Boolean).join(' '))).toEqual([
      ...Array.from({ length: 5 }, () => 'KEY_SHRED_REFUSED not-allowed'),
      'KEY_SHRED_REFUSED no-session',
      'KEY_SHRED_REFUSED reason-missing',
      `KEY_SHRED_REQUESTED ${why}`,
      'KEY_SHRED_REFUSED asked-already',
      'KEY_SHRED_REFUSED same-person',
      'KEY_SHRED_REFUSED not-allowed',
      'KEY_SHRED_REFUSED code-too-old',
      'KEY_SHRED_CONFIRMED',
      'KEY_SHRED_REFUSED not-open',
    ]) // prettier-ignore
  })

  test('a request is good for 24 hours, can be taken back, and is asked for again', async () => {
    const { id } = await addFullPatient()
    const [admin, officer] = [await person('admin'), await person('compliance')]
    const first = await asked(admin, id)
    expect(await cancelShredding(officer, first)).toBeNull()
    expect(await confirmShredding(officer, first)).toBe('not-open')
    const second = await asked(admin, id)
    await records.raw('ALTER TABLE audit.shred_request DISABLE TRIGGER guard_shred_request')
    await records.raw('UPDATE audit.shred_request SET expires_at = app.now() WHERE request_id = $1', [second])
    await records.raw('ALTER TABLE audit.shred_request ENABLE TRIGGER guard_shred_request')
    expect(await confirmShredding(officer, second)).toBe('expired')
    const third = await asked(admin, id)
    const list = await listShredRequests(officer, { all: true })
    const mine = list.filter(({ patientId }) => patientId === id)
    expect(mine.map(({ requestId, state }) => [requestId, state])).toEqual([
      [third, 'requested'],
      [second, 'expired'],
      [first, 'cancelled'],
    ])
    expect(await listShredRequests(records.actors.nurse)).toEqual([])
    expect((await listShredRequests(admin)).map(({ requestId }) => requestId)).toContain(third)
  })

  test('the database holds to it whoever writes, and forgets nothing', async () => {
    const { id } = await addFullPatient()
    const request = await asked(await person('admin'), id)
    const change = (text: string) => records.raw(text, [request])
    const steps = [
      "UPDATE audit.shred_request SET state = 'done', done_at = now(), started_at = now() WHERE request_id = $1",
      "UPDATE audit.shred_request SET state = 'confirmed', confirmed_by = requested_by, confirmed_at = now() WHERE request_id = $1",
      'UPDATE audit.shred_request SET patient_id = gen_random_uuid() WHERE request_id = $1',
      'DELETE FROM audit.shred_request WHERE request_id = $1',
    ]
    for (const step of steps) await expect(change(step)).rejects.toMatchObject({ code: /42501|23514/ })
    for (const login of ['app', 'worker'] as const) {
      for (const text of [`INSERT INTO audit.destroyed_record VALUES ('${id}', now())`, 'DELETE FROM audit.legal_hold'])
        await expect(records.cast.sql[login].query(text)).rejects.toMatchObject({ code: '42501' })
    } // prettier-ignore
  })
})

describe('a legal hold', () => {
  test('stops a request, a confirmation and the start; and cannot be placed once it began', async () => {
    const { id } = await addFullPatient()
    const [admin, officer] = [await person('admin'), await person('compliance')]
    const hold = async () => {
      const placed = await placeLegalHold(officer, id, 'Letter of the court, case 17')
      if ('refusal' in placed) throw new Error(placed.refusal)
      return placed.holdId
    }
    const release = (held: string) => releaseLegalHold(officer, held, 'The case was closed')
    expect(await placeLegalHold(admin, id, 'An administrator may not')).toEqual({ refusal: 'not-allowed' })
    const [one, two] = [await hold(), await hold()]
    expect(await askForShredding(admin, id, why)).toEqual({ refusal: 'legal-hold' })
    expect(await release(one)).toBeNull()
    expect(await askForShredding(admin, id, why), 'the second one stands').toEqual({ refusal: 'legal-hold' })
    expect(await release(two)).toBeNull()
    expect(await release(two)).toBe('released-already')
    const request = await asked(admin, id)
    const third = await hold()
    expect(await confirmShredding(officer, request)).toBe('legal-hold')
    await release(third)
    expect(await confirmShredding(officer, request)).toBeNull()
    const fourth = await hold()
    expect(await carryOut(request)).toEqual({ refusal: 'legal-hold' })
    expect(await keyStates(id)).toEqual(['active'])
    await release(fourth)
    await carryOut(request)
    expect(await placeLegalHold(officer, id, 'Too late for this one')).toEqual({
      refusal: 'destroyed-already',
    })
    const all = (await listLegalHolds(officer, { all: true })).filter(({ patientId }) => patientId === id)
    expect(all).toHaveLength(4)
    expect(all.every((each) => each.releaseReason === 'The case was closed')).toBe(true)
    expect(await listLegalHolds(admin)).toEqual([])
  })

  test('is also the operator’s to place, on the server', async () => {
    const { id } = await addFullPatient()
    const placed = await asService('people', (operator) =>
      placeLegalHold(operator, id, 'Kept by the operator'),
    )
    expect(placed).toHaveProperty('holdId')
    expect(await askForShredding(await person('admin'), id, why)).toEqual({ refusal: 'legal-hold' })
  })
})

test('what will be lost is counted in every table that there is, and the counting stands in the trail', async () => {
  const tables = await records.raw<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'phi'::regnamespace AND relkind = 'r' ORDER BY 1",
  )
  expect([...countedTables]).toEqual(tables.map(({ name }) => name))
  const { id } = await addFullPatient()
  const counts = await asService('key-shredding', (job) => countRecord(job, id))
  expect(Object.keys(counts ?? {}).toSorted()).toEqual([...countedTables].toSorted())
  expect(counts).toMatchObject({ patient: 1, patient_contact: 1, observation: 1, claim: 0 })
  expect(counts?.['search_token']).toBeGreaterThan(3)
  const trail = await records.raw(
    "SELECT FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'key-shredding' AND action_type = 'READ' AND outcome = 'ALLOWED'",
    [id],
  )
  expect(trail).toHaveLength(1)
  expect(await asService('key-shredding', (job) => countRecord(job, randomUUID()))).toBeNull()
})

describe('attack 50: after it', () => {
  test('nothing of the patient opens, is found or is written, and other patients are as before', async () => {
    const nurse = await person('nurse')
    const { id, mrn } = await addFullPatient(nurse)
    const other = await addFullPatient(nurse, 'Otherwise')
    const elsewhere = await openKeyStore(env)
    expect((await elsewhere.dataKeysFor([id])).get(id)?.active).toBeDefined()
    const search = (terms: object) => withSearch(nurse, { view: 'patient-search', terms }, () => Promise.resolve(null)) // prettier-ignore
    expect(await search({ mrn })).toMatchObject({ patients: [id] })
    expect((await tokensLeft(id)).toSorted(), 'control').toEqual(['observation.code_token', 'patient.mrn_token', 'search_token.token']) // prettier-ignore

    await shred(id)

    expect(await keyStates(id)).toEqual(['destroyed'])
    expect(await tokensLeft(id)).toEqual([])
    expect(await search({ mrn })).toMatchObject({ patients: [] })
    expect(await search({ familyName: 'Shredworthy', givenName: 'Anne' })).not.toMatchObject({
      patients: [id],
    })
    expect(await search({ mrn: other.mrn })).toMatchObject({ patients: [other.id] })
    // Another process forgets within its lease; here by the message.
    const forgets = async () => (await elsewhere.dataKeysFor([id])).get(id)?.active === undefined
    const end = performance.now() + defaultKeyLimits.leaseSeconds * 1000
    while (!(await forgets()) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await forgets()).toBe(true)
    expect((await elsewhere.dataKeysFor([other.id])).get(other.id)?.active).toBeDefined()
    // Writing gives no new key, in the application or past it.
    await expect(elsewhere.dataKeyForWriting(id)).rejects.toMatchObject({ code: 'KEY_DESTROYED' })
    const insert = `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
      SELECT purpose, owner_id, 2, 'active', provider, kek_version, '\\x00' FROM keys.data_key WHERE owner_id = $1`
    await expect(keys.query(insert, [id])).rejects.toMatchObject({ code: '23514' })
    await elsewhere.close()
    // The door says so before a key is asked for, to those whom it concerns, and lists go on without the patient.
    expect(await readName(nurse, [id])).toEqual({ kind: 'denied', reason: 'record-destroyed', patientId: id })
    expect(await readName(await person('nurse'), [id])).toEqual({ kind: 'denied', reason: 'no-relation' })
    expect(await readName(nurse, [id, other.id])).toMatchObject({
      kind: 'granted',
      value: [{ id: other.id, familyName: 'Otherwise' }],
    })
    expect(await destroyedOn(nurse, id)).toBeInstanceOf(Date)
    expect(await destroyedOn(nurse, other.id)).toBeNull()
    expect(await destroyedOn(await person('nurse'), id)).toBeNull()
    expect(await destroyedOn(await person('admin'), id)).toBeNull()
    // What the door does not admit cannot be read past it either: the ciphertext is there, and no key.
    await expect(
      asService('key-rotation', (job) =>
        withRecord(job, { view: 'key-rotation', action: 'READ', patients: [id] }, (record) =>
          record.patient.findFirst({ where: { id }, select: { familyName: true } }),
        ),
      ),
    ).rejects.toSatisfy((error) => error instanceof CellUnreadable && error.code === 'KEY_DESTROYED')
    expect(await askForShredding(await person('admin'), id, why)).toEqual({ refusal: 'destroyed-already' })
  })

  test('the trail still answers who looked, and holds every step', async () => {
    const nurse = await person('nurse')
    const { id } = await addFullPatient(nurse)
    await readName(nurse, [id])
    await shred(id)
    await readName(nurse, [id])
    const looked = await records.raw<{ outcome: string; reason: string | null }>(
      'SELECT outcome, reason FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND actor_user_id = $2 ORDER BY seq',
      [id, nurse.accountId],
    )
    expect(looked).toEqual([
      { outcome: 'ALLOWED', reason: null },
      { outcome: 'DENIED', reason: 'record-destroyed' },
    ])
    expect((await eventsOf(id)).map((event) => event.event_type)).toEqual([
      'KEY_SHRED_REQUESTED',
      'KEY_SHRED_CONFIRMED',
      'KEY_SHRED_STARTED',
      'KEY_SHRED_COMPLETED',
    ])
    const effects = await records.raw<{ changed_fields: Record<string, string[]> }>(
      "SELECT changed_fields FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'key-shredding' AND outcome = 'EFFECT'",
      [id],
    )
    expect(effects.map((row) => Object.keys(row.changed_fields)[0])).toEqual(
      expect.arrayContaining(['Patient', 'Observation']),
    )
  })

  test('yesterday’s data with today’s key store opens nothing of the patient, and learns of it again', async () => {
    const nurse = await person('nurse')
    const { id, mrn } = await addFullPatient(nurse)
    const other = await addFullPatient(nurse)
    const tables = await records.raw<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relnamespace = 'phi'::regnamespace AND relkind = 'r'") // prettier-ignore
    await records.raw('CREATE SCHEMA yesterday')
    for (const { name } of tables) await records.raw(`CREATE TABLE yesterday.${name} AS TABLE phi.${name}`)

    await shred(id)
    await records.raw("SET session_replication_role = 'replica'")
    for (const { name } of tables) {
      await records.raw(`DELETE FROM phi.${name}`)
      await records.raw(`INSERT INTO phi.${name} SELECT * FROM yesterday.${name}`)
    }
    await records.raw('DELETE FROM audit.destroyed_record WHERE patient_id = $1', [id])
    await records.raw('DELETE FROM audit.shred_request WHERE patient_id = $1', [id])
    await records.raw("SET session_replication_role = 'origin'")
    await records.raw('DROP SCHEMA yesterday CASCADE')

    expect(await tokensLeft(id), 'control: the restore brought them back').not.toEqual([])
    await expect(readName(nurse, [id])).rejects.toBeInstanceOf(CellUnreadable)
    expect(await readName(nurse, [other.id])).toMatchObject({ kind: 'granted', value: [{ id: other.id }] })

    const reapplied = await asService('key-shredding', (job) => reapplyShredding(job, env))
    expect(reapplied).toMatchObject({ toKeys: [], toRecords: [id] })
    expect(await tokensLeft(id)).toEqual([])
    expect(await readName(nurse, [id])).toMatchObject({ kind: 'denied', reason: 'record-destroyed' })
    expect(await withSearch(nurse, { view: 'patient-search', terms: { mrn } }, () => Promise.resolve(null))).toMatchObject({ patients: [] }) // prettier-ignore
    expect(await asService('key-shredding', (job) => reapplyShredding(job, env)), 'once').toEqual({
      toKeys: [],
      toRecords: [],
      unasked: [],
      held: [],
    })
    expect(await readName(nurse, [other.id])).toMatchObject({ kind: 'granted' })
  })
})

test('attack 31: no table, and no earlier version of a row, has anything left to find a shredded patient by', async () => {
  const { id } = await addFullPatient()
  // Earlier versions have kept no tokens since index keys can be replaced; these are from before that.
  await records.raw("SET session_replication_role = 'replica'")
  const planted = await records.raw(
    `UPDATE phi.row_history SET "row" = "row" || jsonb_build_object('mrn_token', '01aa') WHERE patient_id = $1 RETURNING id`,
    [id],
  )
  await records.raw("SET session_replication_role = 'origin'")
  expect(planted.length).toBeGreaterThan(0)
  expect(await tokensLeft(id), 'control').toContain('row_history.row')
  await shred(id)
  expect(await tokensLeft(id)).toEqual([])
  // The rest of what earlier versions held is still there, as ciphertext.
  const kept = await records.raw('SELECT FROM phi.row_history WHERE patient_id = $1 AND "row" ? $2', [id, 'family_name']) // prettier-ignore
  expect(kept).toHaveLength(planted.length)
})

describe('a process that dies', () => {
  test.each(['started', 'keys-destroyed', 'tokens-removed', 'done'] as const)(
    'after "%s" leaves something that another one finishes',
    async (step) => {
      const { id } = await addFullPatient()
      const request = await confirmed(id)
      const died = carryOut(request, (reached) => {
        if (reached === step) throw new Error('died')
      })
      await expect(died).rejects.toThrow('died')
      expect(await carryOut(request)).toMatchObject({ patientId: id, keyVersions: 1 })
      expect(await keyStates(id)).toEqual(['destroyed'])
      expect(await tokensLeft(id)).toEqual([])
      const events = (await eventsOf(id)).map((event) => event.event_type)
      expect(events.filter((name) => name === 'KEY_SHRED_COMPLETED')).toHaveLength(1)
      expect(events.filter((name) => name === 'KEY_SHRED_STARTED')).toHaveLength(1)
    },
  )

  test('two at once do no harm', async () => {
    const { id } = await addFullPatient()
    const request = await confirmed(id)
    const both = await Promise.all([carryOut(request), carryOut(request)])
    expect(both.every((each) => 'keyVersions' in each)).toBe(true)
    const events = (await eventsOf(id)).map((event) => event.event_type)
    expect(events.filter((name) => name === 'KEY_SHRED_COMPLETED')).toHaveLength(1)
  })
})

test('a writer who is renewing the key at that moment leaves none behind', async () => {
  const { id } = await addFullPatient()
  const store = await processKeyStore()
  expect((await store.dataKeysFor([id])).get(id)?.active?.version).toBe(1)
  const request = await confirmed(id)
  // Another process has begun to make the next version, and commits it while the first pass waits for its row.
  const writer = new pg.Client({ connectionString: (await testDatabase()).urls.keystore })
  await writer.connect()
  await writer.query('BEGIN')
  await writer.query("UPDATE keys.data_key SET state = 'decrypt_only' WHERE owner_id = $1", [id])
  await writer.query(
    `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
     SELECT purpose, owner_id, 2, 'active', provider, kek_version, wrapped FROM keys.data_key WHERE owner_id = $1`,
    [id],
  )
  const done = carryOut(request)
  const superuser = new pg.Client({ connectionString: (await testDatabase()).urls.keystore_superuser })
  await superuser.connect()
  await untilBlocked(superuser)
  await superuser.end()
  await writer.query('COMMIT')
  await writer.end()
  expect(await done).toMatchObject({ keyVersions: 2 })
  expect(await keyStates(id)).toEqual(['destroyed', 'destroyed'])
})
