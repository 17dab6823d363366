import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptActivation, activationProof, openActivation } from '#lib/auth/activation.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { openHome } from '#lib/records/my-record/open-home.ts'
import { fakeCiphertext } from '#lib/testing/door-cast.ts'
import { readPdf } from '#lib/testing/read-pdf.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { handOutCode } from './hand-out-code.ts'
import { deskInput } from './input.ts'
import { openPortalAccess } from './open-portal-access.ts'
import { printLetter } from './print-letter.ts'

const birthDate = '1979-04-02'
const client = { ip: '10.0.0.9', userAgent: 'test' }
const password = 'nine slow herons on ice'

let records: RecordCast
let nadia: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = { ...records.actors.nurse, displayName: 'Nadia Osei' } as Actor
})
afterAll(() => records.close())

const newPatient = (names: object = {}) =>
  records.addPatient({ familyName: 'Plantedname', givenName: 'Paula', birthDate, ...names }, nadia)
const address = () => `${randomUUID()}@example.org`
const handOut = async (patientId: string, actor = nadia, email = address()) =>
  handOutCode(actor, patientId, { documents: ['passport'], email })
async function codeFor(patientId: string, email = address()): Promise<string> {
  const outcome = await handOut(patientId, nadia, email)
  if (outcome.kind === 'denied' || outcome.value.kind !== 'handed-out')
    throw new Error(outcome.kind === 'denied' ? outcome.reason : outcome.value.kind)
  return outcome.value.code
}
const stateOf = async (patientId: string) => {
  const outcome = await openPortalAccess(nadia, patientId)
  return outcome.kind === 'granted' ? outcome.value : null
}
/** As app.totp_enrol leaves an account, without an authenticator app. */
const enrol = (accountId: string) =>
  records.raw(
    `UPDATE app.account SET totp_secret_sealed = $2, totp_last_step = 0, totp_enrolled_at = now(), status = 'active' WHERE id = $1`,
    [accountId, fakeCiphertext()],
  )
const events = (type: string, accountId: string) =>
  records.raw<{ detail: Record<string, unknown>; actor_user_id: string | null }>(
    'SELECT detail, actor_user_id FROM audit.security_event_log WHERE event_type = $1 AND subject_account_id = $2 ORDER BY seq',
    [type, accountId],
  )
const loginOf = async (patientId: string) =>
  (
    await records.raw<{ account_id: string }>(
      `SELECT account_id FROM phi.record_grant WHERE patient_id = $1 AND kind = 'self'`,
      [patientId],
    )
  ).map(({ account_id }) => account_id)

describe('a code from the desk', () => {
  test('opens a patient’s own record to them, after the birth date, a password and a second factor, and nothing before', async () => {
    const patient = await newPatient()
    expect((await stateOf(patient))?.login).toBeNull()
    const email = address()
    const code = await codeFor(patient, email)
    const [accountId = ''] = await loginOf(patient)
    expect(await stateOf(patient)).toMatchObject({
      login: { state: 'waiting', code: { state: 'open', issuedBy: 'Nadia Osei' } },
    })
    await expect(openSession(accountId, 'enrolment', client)).rejects.toThrow()

    const proof = activationProof(code.toLowerCase().replaceAll('-', ' '), birthDate)
    expect(await openActivation(proof, client)).toEqual({ email })
    expect(await acceptActivation(proof, password, client)).toBe(accountId)
    await expect(openSession(accountId, 'enrolment', client)).rejects.toThrow()
    await enrol(accountId)
    const sessionToken = await openSession(accountId, 'enrolment', client)
    const paula = brandActor({ accountId, role: 'patient', displayName: '', sessionToken, clientIp: null })
    expect((await openHome(paula, patient)).kind).toBe('granted')
    expect(await stateOf(patient)).toMatchObject({ login: { state: 'in-use', code: { state: 'used' } } })

    expect(await acceptActivation(proof, password, client)).toBeNull()
    expect(await openActivation(proof, client)).toBeNull()
    expect((await events('ACTIVATION_ISSUED', accountId))[0]).toMatchObject({
      actor_user_id: nadia.accountId,
      detail: { again: false, documents: ['passport'] },
    })
    expect(await events('ACTIVATION_ACCEPTED', accountId)).toHaveLength(1)
    const trail = await records.raw<{ action_type: string; outcome: string }>(
      `SELECT action_type, outcome FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND actor_user_id = $2 AND (view = 'portal-access' OR outcome = 'EFFECT') ORDER BY seq`,
      [patient, nadia.accountId],
    )
    expect(trail).toContainEqual({ action_type: 'UPDATE', outcome: 'ALLOWED' })
    expect(trail).toContainEqual({ action_type: 'CREATE', outcome: 'EFFECT' })
  })

  test('is void after five wrong birth dates, also when they come at once, and says of every fault the same', async () => {
    const patient = await newPatient()
    const code = await codeFor(patient)
    const wrong = activationProof(code, '1979-04-03')
    const answers = await Promise.all(Array.from({ length: 8 }, () => openActivation(wrong, client)))
    expect(answers.every((answer) => answer === null)).toBe(true)
    expect(await openActivation(activationProof(code, birthDate), client)).toBeNull()
    expect(
      await openActivation(activationProof('AAAAA-AAAAA-AAAAA-AAAAA-AAAAA', birthDate), client),
    ).toBeNull()
    const [accountId = ''] = await loginOf(patient)
    const reasons = (await events('ACTIVATION_REFUSED', accountId)).map(({ detail }) => detail['reason'])
    expect(reasons.filter((reason) => reason === 'birth-date')).toHaveLength(5)
    expect(reasons.filter((reason) => reason === 'void')).toHaveLength(4)
    expect(await stateOf(patient)).toMatchObject({ login: { code: { state: 'void' } } })
  })

  test('stays good after four wrong birth dates, and dies after 14 days', async () => {
    const patient = await newPatient()
    const proof = activationProof(await codeFor(patient), birthDate)
    for (let tries = 0; tries < 4; tries += 1)
      await openActivation({ ...proof, birthCheck: Buffer.alloc(32) }, client)
    expect(await openActivation(proof, client)).not.toBeNull()
    await records.raw(`UPDATE app.activation SET expires_at = app.now() WHERE code_hash = $1`, [
      proof.codeHash,
    ])
    expect(await acceptActivation(proof, password, client)).toBeNull()
  })

  test('works once when it is used twice at the same moment', async () => {
    const proof = activationProof(await codeFor(await newPatient()), birthDate)
    const taken = await Promise.all([
      acceptActivation(proof, password, client),
      acceptActivation(proof, password, client),
    ])
    expect(taken.filter((accountId) => accountId !== null)).toHaveLength(1)
  })

  test('lies in no table, and neither does the birth date', async () => {
    const code = await codeFor(await newPatient())
    const rows = JSON.stringify(await records.raw('SELECT * FROM app.activation'))
    expect(rows).not.toContain(code)
    expect(rows).not.toContain(birthDate)
    expect(activationProof(code, birthDate).birthCheck).not.toEqual(
      activationProof(address(), birthDate).birthCheck,
    )
  })

  test('goes home on a letter that is tagged, names the patient on paper alone, and is printed for no other code', async () => {
    const patient = await newPatient()
    const code = await codeFor(patient)
    const letter = await printLetter(nadia, patient, code)
    const pdf = readPdf(letter.kind === 'granted' && letter.value ? letter.value : Buffer.alloc(0))
    expect(pdf.text).toContain('Paula Plantedname')
    expect(pdf.text).toContain(code)
    expect(pdf.text).toContain('/activate')
    expect(pdf.untagged).toBe('')
    expect(pdf.info).not.toContain('Plantedname')
    expect(pdf.elements[0]?.children.map(({ tag }) => tag)).toEqual(
      expect.arrayContaining(['H1', 'H2', 'L', 'P']),
    )
    const other = await codeFor(await newPatient())
    expect(await printLetter(nadia, patient, other)).toMatchObject({ kind: 'granted', value: null })
  })
})

describe('the same desk, after everything was lost', () => {
  test('hands out a code that ends sessions and factors when it is used, not before, and makes older codes worthless', async () => {
    const patient = await newPatient()
    const first = activationProof(await codeFor(patient), birthDate)
    const [accountId = ''] = await loginOf(patient)
    await acceptActivation(first, password, client)
    await enrol(accountId)
    const token = await openSession(accountId, 'enrolment', client)
    const standing = async () =>
      (await records.raw<{ state: string }>('SELECT state FROM app.session_peek($1)', [token]))[0]?.state

    // what a thief may have begun meanwhile
    await records.raw(
      `INSERT INTO app.known_device (token_hash, account_id, first_at, last_at) VALUES ($1, $2, now(), now())`,
      [Buffer.alloc(32, 7), accountId],
    )
    await records.raw(
      `WITH t AS (INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (gen_random_uuid(), 'new-address', $2) RETURNING id)
       INSERT INTO app.email_change (id, account_id, new_text_id, former_text_id, asked_at) SELECT gen_random_uuid(), $1, t.id, t.id, now() FROM t`,
      [accountId, fakeCiphertext()],
    )
    const second = activationProof(await codeFor(patient, ''), birthDate)
    const third = activationProof(await codeFor(patient, ''), birthDate)
    expect(await loginOf(patient)).toEqual([accountId])
    expect(await standing()).toBe('active')
    expect(await openActivation(second, client)).toBeNull()
    expect(await standing()).toBe('active')
    expect(await acceptActivation(third, password, client)).toBe(accountId)
    expect(await standing()).toBe('ended')
    const [account] = await records.raw<{ has: boolean; status: string; codes: number }>(
      `SELECT app.has_second_factor(id) AS has, status, (SELECT count(*)::int FROM app.recovery_code WHERE account_id = a.id) AS codes FROM app.account a WHERE id = $1`,
      [accountId],
    )
    expect(account).toEqual({ has: false, status: 'invited', codes: 0 })
    expect(await records.raw('SELECT FROM app.known_device WHERE account_id = $1', [accountId])).toEqual([])
    const waiting = 'SELECT FROM app.email_change WHERE account_id = $1 AND void_at IS NULL'
    expect(await records.raw(waiting, [accountId])).toEqual([])
    const told = await records.raw(
      `SELECT FROM app.notice WHERE account_id = $1 AND kind = 'login-handed-out-again'`,
      [records.actors.compliance.accountId],
    )
    expect(told).toHaveLength(2)
    const mails = await records.raw<{ kind: string }>(
      `SELECT kind FROM app.mail_outbox WHERE account_id = $1 AND kind LIKE 'activation-%' ORDER BY created_at`,
      [accountId],
    )
    expect(mails.map(({ kind }) => kind)).toEqual([
      'activation-issued',
      'activation-issued',
      'activation-used',
    ])
  })
})

/** The database's own refusal, and no other fault. */
const refused = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: '42501' })

describe('the address', () => {
  test('can be put right until somebody has used the login, and not by the desk afterwards', async () => {
    const patient = await newPatient()
    const [wrong, right, other] = [address(), address(), address()]
    await codeFor(patient, wrong)
    const proof = activationProof(await codeFor(patient, right), birthDate)
    expect(await loginOf(patient)).toHaveLength(1)
    expect(await openActivation(proof, client)).toEqual({ email: right })
    expect((await handOut(await newPatient(), nadia, wrong)).kind).toBe('granted')
    expect(await handOut(patient, nadia, wrong)).toMatchObject({ value: { kind: 'taken' } })
    expect(await openActivation(proof, client)).toEqual({ email: right })
    expect(await acceptActivation(proof, password, client)).not.toBeNull()
    const again = activationProof(await codeFor(patient, other), birthDate)
    expect(await openActivation(again, client)).toEqual({ email: right })
  })
})

describe('the desk is refused', () => {
  const denied = async (actor: Actor, patientId: string) => {
    const outcome = await handOut(patientId, actor)
    return outcome.kind === 'denied' ? outcome.reason : outcome.value.kind
  }

  test('to whoever does not care for the patient, and to every other role', async () => {
    const patient = await newPatient()
    expect(await denied(records.actors.clinician, patient)).toBe('no-relation')
    for (const role of ['patient', 'proxy', 'billing', 'admin', 'compliance'] as const)
      expect(await denied(records.actors[role], patient)).toBe('no-policy')
    expect(await denied(nadia, patient)).toBe('handed-out')
  })

  test('on a second factor that is older than five minutes, and to an ended session', async () => {
    const patient = await newPatient()
    const stale = records.actorOf(await records.cast.signIn('nurse', 'Stale Nurse'))
    await records.change([patient], (record) =>
      record.careRelationship.create({
        data: { patientId: patient, accountId: stale.accountId, startsAt: new Date(Date.now() - 60_000) },
        select: { id: true },
      }),
    )
    expect(await denied(stale, patient)).toBe('handed-out')
    await records.raw(
      `UPDATE app.session SET second_factor_at = second_factor_at - interval '6 minutes' WHERE account_id = $1`,
      [stale.accountId],
    )
    expect(await denied(stale, patient)).toBe('step-up-needed')
    await records.raw(
      `UPDATE app.session SET ended_at = now(), end_reason = 'sign-out' WHERE account_id = $1`,
      [stale.accountId],
    )
    expect(await denied(stale, patient)).toBe('session-ended')
  })

  test('to somebody whose own name is on the record, however it is spelled', async () => {
    const own = await newPatient({ givenName: 'Nádia', familyName: 'OSEI' })
    expect(await denied(nadia, own)).toBe('own-record')
    expect(await loginOf(own)).toEqual([])
    expect((await stateOf(own))?.hindrance).toBe('own-record')
    const refusals = await records.raw(
      `SELECT FROM audit.security_event_log WHERE event_type = 'ACTIVATION_REFUSED' AND actor_user_id = $1`,
      [nadia.accountId],
    )
    expect(refusals).toHaveLength(1)
  })

  test('for an address that has a login, without a trace of a second one', async () => {
    const email = address()
    await codeFor(await newPatient(), email)
    const patient = await newPatient()
    const outcome = await handOut(patient, nadia, email.toUpperCase())
    expect(outcome).toMatchObject({ value: { kind: 'taken' } })
    expect(await loginOf(patient)).toEqual([])
  })

  test('without documents that prove anything', () => {
    const seen = (documents: string[]) => deskInput.safeParse({ documents, email: '' }).success
    expect(seen(['passport'])).toBe(true)
    expect(seen(['insurance-card', 'birth-certificate'])).toBe(true)
    for (const none of [[], ['insurance-card'], ['insurance-card', 'insurance-card'], ['a friend']])
      expect(seen(none)).toBe(false)
  })

  test('over raw SQL: no login of somebody else, no record of somebody else, no code outside the desk', async () => {
    const patient = await newPatient()
    const other = await newPatient()
    await codeFor(patient)
    const [login = ''] = await loginOf(patient)
    const { app } = records.cast.sql
    const admitted = async (action: string, patients: string[], view = 'portal-access') => {
      const request = randomUUID()
      await app.query(`SELECT * FROM audit.admit($1, $2, $3, $4, '{}', $5, NULL, NULL, NULL, NULL, NULL)`, [
        nadia.sessionToken, request, action, view, patients,
      ]) // prettier-ignore
      return request
    }
    const inUnit = async (request: string, text: string, values: unknown[]) => {
      await app.query('BEGIN')
      try {
        await app.query(
          `SELECT set_config('role', 'phi_nurse', true), set_config('vigil.request', $1, true)`,
          [request],
        )
        return (await app.query<{ outcome: string }>(text, values)).rows
      } finally {
        await app.query('ROLLBACK')
      }
    }
    const issue = `SELECT app.activation_issue($1, $2, $3, $4, '{passport}', $5, $6, false) AS outcome`
    const fields = (account: string) => [
      account,
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
      fakeCiphertext(),
      [Buffer.alloc(32, 3)],
    ]
    const raw = (request: string, patientId: string, account: string) =>
      inUnit(request, issue, [patientId, ...fields(account)])
    // the control: with the right admission it is let through
    expect(await raw(await admitted('UPDATE', [other]), other, randomUUID())).toEqual([{ outcome: 'issued' }])
    // a login that belongs to another patient
    expect(await raw(await admitted('UPDATE', [patient]), patient, randomUUID())).toEqual([
      { outcome: 'no-such-login' },
    ])
    expect(await raw(await admitted('UPDATE', [other]), other, login)).toEqual([{ outcome: 'taken' }])
    // another view, another action, two patients in one request, another patient, none
    await refused(raw(await admitted('UPDATE', [other], 'care-team'), other, randomUUID()))
    await refused(raw(await admitted('READ', [other]), other, randomUUID()))
    await refused(raw(await admitted('UPDATE', [other, patient]), other, randomUUID()))
    await refused(raw(await admitted('UPDATE', [patient]), other, randomUUID()))
    await refused(raw(randomUUID(), other, randomUUID()))
    // a record is not opened to a login that this request did not make
    const grant = `WITH e AS (SELECT audit.effect($1, 'CREATE', 'RecordGrant', '{}', '{}', NULL))
      INSERT INTO phi.record_grant (id, patient_id, account_id, kind, parts, starts_at) SELECT gen_random_uuid(), $1, $2, 'self', '{results}', now() FROM e`
    await refused(inUnit(await admitted('UPDATE', [other]), grant, [other, login]))
    await refused(app.query(issue, [other, ...fields(randomUUID())]))
  })

  test('to an administrator, whose invitations are for staff', async () => {
    const patient = await newPatient()
    await codeFor(patient)
    const [login = ''] = await loginOf(patient)
    const renewed = await records.raw<{ done: boolean }>('SELECT app.invitation_renew($1, $2, $3) AS done', [
      records.actors.admin.sessionToken,
      login,
      Buffer.alloc(32, 9),
    ])
    expect(renewed[0]?.done).toBe(false)
  })
})
