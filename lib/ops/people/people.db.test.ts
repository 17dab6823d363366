import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptInvitation, readInvitation } from '#lib/auth/invitation.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { eventsAbout, failSignIns, makeLogin, waitOf } from '#lib/testing/make-login.ts'
import { testDatabase } from '#lib/testing/test-database.ts'

let superuser: pg.Client
beforeAll(async () => {
  await initialiseKeyStore(env)
  const { urls } = await testDatabase()
  superuser = new pg.Client({ connectionString: urls.superuser })
  await superuser.connect()
})
afterAll(async () => {
  await endPools()
  await closeProcessKeyStore()
  await superuser.end()
})

const entries = [
  { verb: 'people invite', usage: 'EMAIL', summary: '', load: () => import('./people-invite.ts') },
  { verb: 'people list', usage: '', summary: '', load: () => import('./people-list.ts') },
  { verb: 'people deactivate', usage: 'EMAIL', summary: '', load: () => import('./people-deactivate.ts') },
  { verb: 'people unlock', usage: 'EMAIL', summary: '', load: () => import('./people-unlock.ts') },
]
const people = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const status = await runCommandLine(
    entries,
    ['people', ...words],
    () => ({ ...env, url: 'https://vigil.example.org' }),
    { out: (text) => void (said.out += text), err: (text) => void (said.err += text) },
  )
  return { status, ...said }
}
type Invitation = { accountId: string; code: string; url: string }
const invitation = async (...words: string[]): Promise<Invitation> => {
  const { status, out } = await people('invite', ...words, '--json')
  expect(status).toBe(0)
  return JSON.parse(out) as Invitation
}
const admin = ['--name', 'Ada Lindqvist', '--role', 'admin', '--title', 'Practice manager']

// First, while the clinic is empty.
test('a clinic without anybody makes its first administrator', async () => {
  expect((await people('list')).out).toContain('Nobody works here yet')
  const shown = await people('invite', 'Ada.Lindqvist@example.org', ...admin)
  expect(shown.status).toBe(0)
  expect(shown.out).toContain('https://vigil.example.org/accept-invite')
  const [code = ''] = /\b(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}\b/.exec(shown.out) ?? []
  const invited = await readInvitation(code)
  expect(invited?.displayName).toBe('Ada Lindqvist')
  expect(await acceptInvitation(code, 'a long enough passphrase')).toBe(invited?.accountId)
  expect(await eventsAbout(superuser, invited?.accountId ?? '')).toEqual([
    { event_type: 'ACCOUNT_INVITED', actor_role: 'service', detail: { role: 'admin' } },
    { event_type: 'INVITATION_ACCEPTED', actor_role: 'admin', detail: {} },
  ])
  expect(JSON.parse((await people('list', '--json')).out)).toEqual([
    expect.objectContaining({
      accountId: invited?.accountId,
      name: 'Ada Lindqvist',
      jobTitle: 'Practice manager',
      email: 'Ada.Lindqvist@example.org',
      role: 'admin',
      status: 'invited',
      signInBlocked: null,
    }),
  ])
})

describe('people invite', () => {
  test('takes an address once, and shows a new code in place of one that was lost', async () => {
    const first = await invitation('omar.haddad@example.org', '--name', 'Omar Haddad', '--role', 'nurse')
    expect(first).toMatchObject({ url: 'https://vigil.example.org/accept-invite', validDays: 7 })
    const taken = await people('invite', 'OMAR.haddad@example.org', ...admin)
    expect(taken).toMatchObject({ status: 1, out: '' })
    expect(taken.err).toContain('--again')
    const again = await invitation('omar.haddad@example.org', '--again')
    expect(again.accountId).toBe(first.accountId)
    expect(await readInvitation(first.code)).toBeNull()
    expect((await readInvitation(again.code))?.accountId).toBe(first.accountId)
    const active = await makeLogin('nurse')
    expect((await people('invite', active.email, '--again')).status).toBe(1)
    expect((await people('invite', 'stranger@example.org', '--again')).status).toBe(1)
  })

  test.each([
    [[]],
    [['not-an-address', ...admin]],
    [['a.b@example.org', 'c.d@example.org', ...admin]],
    [['a.b@example.org']],
    [['a.b@example.org', '--name', 'Ada', '--role', 'admin']],
    [['a.b@example.org', '--name', 'Ada Lindqvist', '--role', 'patient']],
    [['nurses@example.org', ...admin]],
    [['a.b@example.org', '--again', ...admin]],
    [['a.b@example.org', ...admin, '--nonsense']],
  ])('%j is wrong usage, and makes nobody', async (words) => {
    const count = async () => (await superuser.query('SELECT FROM app.account')).rowCount
    const before = await count()
    const refused = await people('invite', ...words)
    expect(refused.status).toBe(2)
    expect(refused.err).toContain('Usage: vigil people invite')
    expect(await count()).toBe(before)
  })
})

test('people list shows staff with whoever is shut out, and never a patient', async () => {
  const [nurse, clinician] = [await makeLogin('nurse'), await makeLogin('clinician')]
  const hidden = [await makeLogin('patient'), await makeLogin('proxy')]
  await failSignIns(nurse, 100)
  await failSignIns(clinician, 8)
  const { status, out } = await people('list')
  expect(status).toBe(0)
  const line = (email: string) => out.split('\n').find((each) => each.includes(email))
  expect(line(nurse.email)).toMatch(/Nurse .*active .* until unlocked$/)
  expect(line(clinician.email)).toMatch(/until \d{4}-\d\d-\d\d \d\d:\d\d$/)
  const both = out + (await people('list', '--json')).out
  for (const { email, accountId } of hidden) {
    expect(both).not.toContain(email)
    expect(both).not.toContain(accountId)
  }
  expect(both).not.toContain('Operator on the server')
  expect((await people('list', 'everybody')).status).toBe(2)
})

describe('people deactivate', () => {
  test('ends every session of a member of staff, and warns when no administrator is left', async () => {
    const [one, two] = [await makeLogin('admin'), await makeLogin('admin')]
    const first = await people('deactivate', one.email)
    expect(first).toMatchObject({ status: 0, err: '' })
    expect(first.out).not.toContain('No administrator is left')
    const { rows } = await superuser.query(
      'SELECT end_reason FROM app.session WHERE account_id = $1 AND role = $2',
      [one.accountId, 'admin'],
    )
    expect(rows).toEqual([{ end_reason: 'account-deactivated' }])
    expect((await people('deactivate', two.email)).out).toContain('No administrator is left')
    expect(await people('deactivate', two.email)).toMatchObject({
      status: 1,
      err: expect.stringContaining('already') as string,
    })
  })

  test('never touches a patient, and says so of nobody', async () => {
    const patient = await makeLogin('patient')
    const refused = await people('deactivate', patient.email)
    expect(refused.status).toBe(1)
    expect(refused.err).toBe((await people('deactivate', 'stranger@example.org')).err)
    expect((await people('deactivate')).status).toBe(2)
  })
})

test('people unlock lets a patient try again, once', async () => {
  const patient = await makeLogin('patient')
  await failSignIns(patient, 100)
  expect(await people('unlock', patient.email, '--json')).toMatchObject({ status: 0 })
  expect(await waitOf(patient)).toBe(0)
  const again = await people('unlock', patient.email)
  expect(again.status).toBe(1)
  expect(again.err).toBe((await people('unlock', 'stranger@example.org')).err)
  expect((await people('unlock')).status).toBe(2)
})

test.each(['invite', 'list', 'deactivate', 'unlock'])('people %s explains itself', async (verb) => {
  const help = await people(verb, '--help')
  expect(help).toMatchObject({ status: 0, err: '' })
  expect(help.out).toContain(`vigil people ${verb}`)
})
