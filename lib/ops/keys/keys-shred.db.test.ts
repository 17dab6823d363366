import { randomUUID } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { granted } from '#lib/testing/record-cast.ts'

let cast: SignInCast
let admin: Person
let officer: Person
let passwordFile: string
beforeAll(async () => {
  cast = await makeSignInCast()
  admin = await cast.addPerson('admin')
  officer = await cast.addPerson('compliance')
  passwordFile = path.join(env.home, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
})
afterAll(() => cast.close())

const entries = [
  { verb: 'keys shred', usage: '', summary: '', load: () => import('./keys-shred.ts') },
  { verb: 'retention hold', usage: '', summary: '', load: () => import('#lib/ops/retention/retention-hold.ts') },
  { verb: 'retention release', usage: '', summary: '', load: () => import('#lib/ops/retention/retention-release.ts') },
  { verb: 'retention list', usage: '', summary: '', load: () => import('#lib/ops/retention/retention-list.ts') },
] // prettier-ignore

const vigil = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const streams = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  }
  const status = await runCommandLine(entries, words, () => env, streams)
  return { status, ...said }
}

/** A verb in somebody's name, with a code that was not used yet: each use waits for the next half minute. */
const as = async (who: Person, ...words: string[]) => {
  await cast.nextStep()
  return vigil(...words, '--as', who.email, '--password-file', passwordFile, '--code', await who.code())
}

async function addPatient(): Promise<string> {
  const id = randomUUID()
  await asService('import', (job) =>
    granted(job, { view: 'import', action: 'CREATE', patients: [id] }, (record) =>
      record.patient.create({ data: { id, familyName: 'Canary-Surname', mrn: id }, select: { id: true } }),
    ),
  )
  return id
}

const why = ['--reason', 'Asked for by letter of 12 November']
const keyStates = async (patient: string): Promise<unknown> =>
  JSON.parse((await vigil('keys', 'shred', '--list', '--all', '--json')).out).filter(
    (each: { patientId: string }) => each.patientId === patient,
  )

test('one person asks and sees what will be lost, another confirms, and it is done', async () => {
  const patient = await addPatient()
  const request = await as(admin, 'keys', 'shred', '--patient', patient, ...why, '--json')
  expect(request.status).toBe(0)
  const { requestId, losses } = JSON.parse(request.out) as { requestId: string; losses: object }
  expect(losses).toMatchObject({ patient: 1, search_token: 3 })
  expect(request.out + request.err).not.toContain('Canary')
  expect((await vigil('keys', 'shred', '--list')).out).toContain(requestId)

  const alone = await as(admin, 'keys', 'shred', '--confirm', requestId)
  expect(alone).toMatchObject({
    status: 1,
    out: '',
    err: 'It takes another person than the one who asked.\n',
  })
  const confirmed = await as(officer, 'keys', 'shred', '--confirm', requestId, '--json')
  expect(confirmed.status).toBe(0)
  expect(JSON.parse(confirmed.out)).toEqual({
    requestId,
    patientId: patient,
    keyVersions: 1,
    tokensRemoved: 4,
    forgottenWithinSeconds: 10,
    forgottenWhenCutOffWithinSeconds: 60,
  })
  expect(confirmed.err).toBe('The record is closed.\nIts keys are destroyed.\nNothing finds it any more.\nWritten down.\n') // prettier-ignore
  expect((await vigil('keys', 'shred', '--list')).out).toBe('No request is open.\n')
  expect(await keyStates(patient)).toMatchObject([{ state: 'done', requestedBy: 'Some admin', confirmedBy: 'Some compliance' }]) // prettier-ignore
  const again = await as(admin, 'keys', 'shred', '--patient', patient, ...why)
  expect(again.err).toContain('destroyed already')
})

test('what was confirmed by somebody whose process died is finished by --resume', async () => {
  const patient = await addPatient()
  const asked = await as(officer, 'keys', 'shred', '--patient', patient, ...why, '--json')
  const { requestId } = JSON.parse(asked.out) as { requestId: string }
  await cast.sql.superuser.query(
    `UPDATE audit.shred_request SET state = 'confirmed', confirmed_at = app.now(), confirmed_by = $2 WHERE request_id = $1`,
    [requestId, admin.accountId],
  )
  const resumed = await vigil('keys', 'shred', '--resume', '--json')
  expect(resumed.status).toBe(0)
  expect(JSON.parse(resumed.out)).toMatchObject({
    finished: [{ patientId: patient }],
    reapplied: { toKeys: [], toRecords: [] },
    refused: [],
  })
  expect(await keyStates(patient)).toMatchObject([{ state: 'done' }])
})

test('a wrong password, a wrong code, a used code and an open password file are refused, and counted', async () => {
  const patient = await addPatient()
  const ask = (file: string, code: string, email = admin.email) =>
    vigil(
      'keys',
      'shred',
      '--patient',
      patient,
      ...why,
      '--as',
      email,
      '--password-file',
      file,
      '--code',
      code,
    )
  const wrongFile = path.join(env.home, 'wrong')
  writeFileSync(wrongFile, 'not the password', { mode: 0o600 })
  await cast.nextStep()
  const code = await admin.code()
  const wrong = 'Address, password or code is not right.\n'
  expect(await ask(wrongFile, code)).toMatchObject({ status: 1, err: wrong })
  expect(await ask(passwordFile, '000000')).toMatchObject({ status: 1, err: wrong })
  expect(await ask(passwordFile, code, 'nobody@example.org')).toMatchObject({ status: 1, err: wrong })
  expect(await ask(passwordFile, code)).toMatchObject({ status: 0 })
  expect((await ask(passwordFile, code)).err).toContain('used already')
  chmodSync(wrongFile, 0o644)
  expect((await ask(wrongFile, code)).err).toContain('can be read by others')
  const events = (await cast.eventsOf(admin.accountId)).map(({ event }) => event)
  expect(events.filter((event) => event === 'SIGN_IN_FAILED').length).toBeGreaterThanOrEqual(2)
  // The session was for this verb alone.
  const { rows } = await cast.sql.superuser.query('SELECT FROM app.session WHERE account_id = $1 AND ended_at IS NULL', [admin.accountId]) // prettier-ignore
  expect(rows).toHaveLength(0)
})

test('a hold is placed and released by the operator or by compliance, and stops the request', async () => {
  const patient = await addPatient()
  const held = await vigil(
    'retention',
    'hold',
    '--patient',
    patient,
    '--reason',
    'Letter of the court',
    '--json',
  )
  const { holdId } = JSON.parse(held.out) as { holdId: string }
  expect((await vigil('retention', 'list')).out).toContain('Operator on the server')
  expect((await as(admin, 'keys', 'shred', '--patient', patient, ...why)).err).toContain('legal hold')
  expect((await as(admin, 'retention', 'release', holdId, '--reason', 'I would like to')).status).toBe(1)
  expect((await as(officer, 'retention', 'release', holdId, '--reason', 'The case was closed')).status).toBe(
    0,
  )
  expect((await vigil('retention', 'list')).out).toBe('No record is held.\n')
  expect((await vigil('retention', 'list', '--all')).out).toContain('The case was closed')
  const request = await as(admin, 'keys', 'shred', '--patient', patient, ...why, '--json')
  const { requestId } = JSON.parse(request.out) as { requestId: string }
  expect((await as(officer, 'keys', 'shred', '--cancel', requestId)).out).toContain('Nothing was destroyed')
})

test('a mark that nobody asked for is taken back by two persons, who both prove who they are', async () => {
  const patient = await addPatient()
  const mark = (id: string) =>
    asService('key-shredding', (job) =>
      cast.sql.worker.query('SELECT audit.shred_reapply($1, $2, now())', [job.sessionToken, id]),
    )
  await mark(patient)
  const found = await vigil('keys', 'shred', '--resume')
  expect(found.status).toBe(1)
  expect(found.out).toContain(`${patient}: marked as destroyed, but nobody asked for it`)

  const unmark = async (first: Person, second: Person, id = patient) => {
    await cast.nextStep()
    const other = ['--second', second.email, '--second-password-file', passwordFile, '--second-code', await second.code()] // prettier-ignore
    return as(first, 'keys', 'shred', '--unmark', id, ...other)
  }
  // Nobody is two persons: a code works once, and the later one makes the earlier one useless.
  expect((await unmark(admin, admin)).err).toContain('used already')
  const alone = await as(admin, 'keys', 'shred', '--unmark', patient)
  expect(alone).toMatchObject({ status: 2, out: '' })
  expect(await unmark(admin, officer)).toMatchObject({ status: 0 })
  expect((await vigil('keys', 'shred', '--resume')).status).toBe(0)
  expect((await unmark(admin, officer)).err).toBe('This record is not marked as destroyed.\n')

  const request = await as(admin, 'keys', 'shred', '--patient', patient, ...why, '--json')
  const { requestId } = JSON.parse(request.out) as { requestId: string }
  expect((await as(officer, 'keys', 'shred', '--confirm', requestId)).status).toBe(0)
  expect((await unmark(admin, officer)).err).toContain('The keys of this record are destroyed')
})

test('what is written wrongly is said, and nothing is done', async () => {
  const id = randomUUID()
  for (const words of [
    [],
    ['--list', '--resume'],
    ['--patient', 'Smith', ...why],
    ['--patient', id],
    ['--patient', id, '--reason', 'short'],
    ['--confirm', id, ...why],
    ['--patient', id, ...why],
    ['--unmark', id],
    ['--list', '--second', 'someone@example.org'],
    ['--patient', id, ...why, '--as', 'someone@example.org', '--code', '123456'],
  ])
    expect(await vigil('keys', 'shred', ...words)).toMatchObject({ status: 2, out: '' })
  expect(await vigil('retention', 'hold', '--patient', 'x')).toMatchObject({ status: 2 })
  expect(await vigil('retention', 'release', '--reason', 'Some reason here')).toMatchObject({ status: 2 })
})
