import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { softPasskey } from '#lib/testing/soft-passkey.ts'
import { checkOneTimeCode, checkRecoveryCode } from './check-second-factor.ts'
import { checkPassword } from './check-password.ts'
import { enrolSecondFactor } from './enrol-second-factor.ts'
import { openSession, type SignInMethod } from './open-session.ts'
import { keepPasskey } from './passkey/add-passkey.ts'
import { verifyPasskey } from './passkey/check-passkey.ts'
import { enrolPasskey } from './passkey/enrol-passkey.ts'
import { listPasskeys } from './passkey/list-passkeys.ts'
import { relyingParty } from './passkey/relying-party.ts'
import { removePasskey } from './passkey/remove-passkey.ts'
import { passwordVersion } from './password-version.ts'
import { removeTotp } from './remove-totp.ts'
import { signInFactors } from './sign-in-factors.ts'
import { raiseSession } from './session.ts'
import { setTotp } from './set-totp.ts'
import { newTotpSecret, totpCode } from './totp.ts'

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

let lastAddress = 0
const newClient = () => {
  lastAddress += 1
  return { ip: `198.51.100.${lastAddress}`, userAgent: 'test' }
}
const newChallenge = () => randomBytes(32).toString('base64url')
const device = () => softPasskey({ host: relyingParty.id, origin: relyingParty.origin })
const databaseNow = async () =>
  (await appQuery<{ now: Date }>('SELECT app.now() AS now'))[0]?.now.getTime() ?? 0

async function signedIn(person: Person, method: SignInMethod): Promise<Actor> {
  const sessionToken = await openSession(person.accountId, method, newClient())
  return { sessionToken, accountId: person.accountId, role: person.role, clientIp: null } as Actor
}
async function enrol(person: Person, key = device(), due?: string) {
  const challenge = newChallenge()
  return enrolPasskey(person.accountId, challenge, key.make(challenge), 'Phone', await versionOf(person), due)
}
const versionOf = ({ accountId }: Person) => passwordVersion(accountId)
/** What the browser that gave a right code carries along. */
const dueOf = async (person: Person) => (await signInFactors(person.accountId)).passkeyDueUntil?.toISOString()
async function addKey(actor: Actor, key = device()) {
  const challenge = newChallenge()
  return keepPasskey(actor, challenge, key.make(challenge), 'Laptop')
}
/** Somebody with a passkey and nothing else beside the password. */
async function withPasskeyAlone(role: Person['role'] = 'nurse') {
  const person = await cast.addPerson(role, { hasTotp: false })
  const key = device()
  const enrolled = await enrol(person, key)
  if (enrolled.kind !== 'enrolled') throw new Error(enrolled.kind)
  return { person, key, codes: enrolled.recoveryCodes, actor: await signedIn(person, 'enrolment') }
}
const events = (person: Person) => cast.eventsOf(person.accountId)
const setPasskeyOnly = (role: string, on: boolean) =>
  cast.sql.superuser.query('UPDATE app.role_policy SET passkey_only = $2 WHERE role = $1', [role, on])

describe('the first factor', () => {
  test('a password alone leads to setting one up, and opens no session over raw SQL either', async () => {
    const person = await cast.addPerson('nurse', { hasTotp: false })
    expect(await checkPassword(person.email, password, newClient())).toMatchObject({ kind: 'enrol' })
    for (const method of ['totp', 'passkey', 'recovery-code', 'enrolment'] as const)
      await expect(openSession(person.accountId, method, newClient())).rejects.toThrow()
  })

  test('a passkey alone is enough: ten recovery codes, a session, and the password asks for the passkey', async () => {
    const { person, key, codes } = await withPasskeyAlone('patient')
    expect(new Set(codes).size).toBe(10)
    expect(await checkPassword(person.email, password, newClient())).toMatchObject({ kind: 'second-factor' })
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge), newClient(), person.accountId)).toMatchObject({ kind: 'accepted' }) // prettier-ignore
    expect(await checkOneTimeCode(person.accountId, await person.code(), newClient())).toEqual({
      kind: 'gone',
    })
    expect(await events(person)).toContainEqual({
      event: 'SECOND_FACTOR_ENROLLED',
      detail: expect.objectContaining({ method: 'passkey' }) as object,
    })
    // Lost device: each recovery code takes its place once.
    expect(await checkRecoveryCode(person.accountId, codes[3] ?? '', newClient())).toEqual({
      kind: 'accepted',
    })
    expect(await checkRecoveryCode(person.accountId, codes[3] ?? '', newClient())).toEqual({ kind: 'wrong' })
  })

  test('whoever has a factor gets no second one by the password alone, of either kind', async () => {
    const [byApp, { person: byKey }] = [await cast.addPerson('nurse'), await withPasskeyAlone()]
    for (const person of [byApp, byKey]) {
      expect(await enrol(person)).toEqual({ kind: 'gone' })
      const secret = newTotpSecret()
      const code = totpCode(secret, await databaseNow())
      expect(await enrolSecondFactor(person.accountId, secret, code, await versionOf(person))).toEqual({
        kind: 'gone',
      })
    }
  })

  test('a passkey and an app set up at the same moment: one of them, with its codes', async () => {
    const person = await cast.addPerson('nurse', { hasTotp: false })
    const code = await person.code()
    const both = await Promise.all([
      enrol(person), enrol(person), enrolSecondFactor(person.accountId, person.totpSecret, code, await versionOf(person)),
    ]) // prettier-ignore
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['enrolled', 'gone', 'gone'])
    const { rows } = await cast.sql.superuser.query('SELECT id FROM app.recovery_code WHERE account_id = $1', [person.accountId]) // prettier-ignore
    expect(rows).toHaveLength(10)
  })

  test.each([
    ['another site', { origin: 'https://vigil.example.org' }],
    ['a device that did not verify its owner', { isVerified: false }],
  ])('refuses what was made for %s', async (_, ways) => {
    const person = await cast.addPerson('nurse', { hasTotp: false })
    const challenge = newChallenge()
    expect(
      await enrolPasskey(
        person.accountId,
        challenge,
        device().make(challenge, ways),
        'Phone',
        await versionOf(person),
      ),
    ).toEqual({
      kind: 'wrong',
    })
    expect((await enrol(person)).kind).toBe('enrolled')
  })

  test('neither a closed account nor somebody’s known passkey is enrolled', async () => {
    const { key } = await withPasskeyAlone()
    const [thief, closed] = [
      await cast.addPerson('nurse', { hasTotp: false }),
      await cast.addPerson('nurse', { hasTotp: false }),
    ]
    expect(await enrol(thief, key)).toEqual({ kind: 'wrong' })
    await appQuery('SELECT app.account_deactivate($1, $2)', [cast.people.admin.token, closed.accountId])
    expect(await enrol(closed)).toEqual({ kind: 'gone' })
  })
})

describe('the last factor stays', () => {
  test('whichever kind it is; refused in SQL and in the log', async () => {
    const { person, actor } = await withPasskeyAlone()
    const [own] = await listPasskeys(actor)
    expect(await removePasskey(actor, own?.id ?? '')).toBe('last')
    expect(await removeTotp(actor)).toBe('gone')
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('set')
    expect(await removePasskey(actor, own?.id ?? '')).toBe('removed')
    expect(await removeTotp(actor)).toBe('last')
    expect(await events(person)).toContainEqual({ event: 'TOTP_REMOVED', detail: { reason: 'last' } })
    expect(await checkOneTimeCode(person.accountId, await person.code(1), newClient())).toEqual({ kind: 'accepted' }) // prettier-ignore
  })

  test('of an app and a passkey that are removed at the same moment one is left', async () => {
    const { person, actor } = await withPasskeyAlone()
    const [own] = await listPasskeys(actor)
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('set')
    const both = await Promise.all([removeTotp(actor), removePasskey(actor, own?.id ?? '')])
    expect(both.toSorted()).toEqual(['last', 'removed'])
  })

  test('the name of a passkey goes with it', async () => {
    const { actor } = await withPasskeyAlone()
    expect(await addKey(actor)).toBe('added')
    const [own] = await listPasskeys(actor)
    const name = async () =>
      (await cast.sql.superuser.query('SELECT FROM app.sealed_text t JOIN app.passkey k ON k.name_text_id = t.id WHERE k.id = $1', [own?.id])) // prettier-ignore
      .rowCount
    const before = (await cast.sql.superuser.query('SELECT FROM app.sealed_text')).rowCount ?? 0
    expect(await name()).toBe(1)
    expect(await removePasskey(actor, own?.id ?? '')).toBe('removed')
    expect((await cast.sql.superuser.query('SELECT FROM app.sealed_text')).rowCount).toBe(before - 1)
  })
})

describe('replacing the authenticator app', () => {
  test('the codes of the old one stop working at once, and the first of the new one cannot be used again', async () => {
    const person = await cast.addPerson('billing')
    const actor = await signedIn(person, 'totp')
    const secret = newTotpSecret()
    const newCode = async (steps = 0) => totpCode(secret, (await databaseNow()) + steps * 30_000)
    expect(await setTotp(actor, secret, '000000')).toBe('wrong')
    const first = await newCode()
    expect(await setTotp(actor, secret, first)).toBe('set')
    expect(await checkOneTimeCode(person.accountId, await person.code(), newClient())).toEqual({
      kind: 'wrong',
    })
    expect(await checkOneTimeCode(person.accountId, first, newClient())).toEqual({ kind: 'used' })
    expect(await checkOneTimeCode(person.accountId, await newCode(1), newClient())).toEqual({
      kind: 'accepted',
    })
    expect(await events(person)).toContainEqual({ event: 'TOTP_REPLACED', detail: {} })
  })

  test('needs a second factor that is younger than five minutes, and a session', async () => {
    const { person, actor } = await withPasskeyAlone()
    await cast.advanceClock(301)
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('code-needed')
    expect(await removeTotp(actor)).toBe('code-needed')
    const nobody = { ...actor, sessionToken: 'x'.repeat(43) }
    expect(await setTotp(nobody, person.totpSecret, await person.code())).toBe('code-needed')
  })
})

describe('a change of how somebody signs in, in a session that is older than five minutes', () => {
  /** The same person with a token that a fresh code has just raised. */
  async function raised(actor: Actor, method: 'totp' | 'passkey' = 'totp'): Promise<Actor> {
    await cast.advanceClock(301)
    const sessionToken = await raiseSession(actor.sessionToken, method)
    if (sessionToken === null) throw new Error('not raised')
    return { ...actor, sessionToken }
  }
  const replaceCodes = async (actor: Actor) =>
    (await appQuery<{ done: boolean }>('SELECT app.recovery_codes_replace($1, $2) AS done', [actor.sessionToken, ['$argon2id$x']]))[0]?.done // prettier-ignore
  const showPassword = (actor: Actor) => appQuery('SELECT app.password_shown($1)', [actor.sessionToken])

  test('a code alone is not enough, whatever the page thought; with the password it is', async () => {
    const person = await cast.addPerson('billing')
    const actor = await raised(await signedIn(person, 'totp'))
    expect(await addKey(actor)).toBe('code-needed')
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('code-needed')
    expect(await removeTotp(actor)).toBe('code-needed')
    expect(await replaceCodes(actor)).toBe(false)
    await showPassword(actor)
    expect(await addKey(actor)).toBe('added')
    expect(await removeTotp(actor)).toBe('removed')
    expect(await replaceCodes(actor)).toBe(true)
    expect(await events(person)).toContainEqual({ event: 'PASSWORD_SHOWN', detail: {} })
  })

  const showKey = async (person: Person, key: ReturnType<typeof device>) => {
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge), newClient(), person.accountId)).toMatchObject({ kind: 'accepted' }) // prettier-ignore
  }

  test('a passkey is: its device has verified the owner; the password counts for five minutes', async () => {
    const { person, key, actor: first } = await withPasskeyAlone()
    await cast.advanceClock(301)
    await showKey(person, key)
    const sessionToken = (await raiseSession(first.sessionToken, 'passkey')) ?? ''
    const actor = { ...first, sessionToken }
    const [own] = await listPasskeys(actor)
    expect(await addKey(actor)).toBe('added')
    const later = await raised(actor)
    expect(await addKey(later)).toBe('code-needed')
    await showPassword(later)
    expect(await removePasskey(await raised(later), own?.id ?? '')).toBe('code-needed')
  })

  test('a passkey that its owner used in another session is not, nor the word for one', async () => {
    const { person, key, actor } = await withPasskeyAlone()
    const leftOpen = await raised(actor)
    await showKey(person, key)
    const elsewhere = await signedIn(person, 'passkey')
    expect(await addKey(leftOpen)).toBe('code-needed')
    expect(await replaceCodes(leftOpen)).toBe(false)
    // control: where it was shown
    expect(await addKey(elsewhere)).toBe('added')
    // five minutes after its last use, the session is raised in its name without it
    expect(await addKey(await raised(elsewhere, 'passkey'))).toBe('code-needed')
  })

  test('a locked session that a passkey opens again is, one that a code opens is not', async () => {
    for (const method of ['passkey', 'totp'] as const) {
      const { person, key, actor } = await withPasskeyAlone()
      expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('set')
      await cast.advanceClock(301)
      await appQuery('SELECT app.session_lock($1)', [actor.sessionToken])
      if (method === 'passkey') await showKey(person, key)
      const sessionToken = newChallenge()
      const [row] = await appQuery<{ done: boolean }>("SELECT app.session_unlock($1, $2, sha256(convert_to($3, 'UTF8'))) AS done", [actor.sessionToken, method, sessionToken]) // prettier-ignore
      expect(row?.done).toBe(true)
      expect(await addKey({ ...actor, sessionToken })).toBe(method === 'passkey' ? 'added' : 'code-needed')
    }
  })

  test('nobody’s password is shown in a session that is over', async () => {
    const person = await cast.addPerson('billing')
    const actor = await signedIn(person, 'totp')
    await cast.advanceClock(15 * 60 + 1)
    expect((await appQuery<{ done: boolean }>('SELECT app.password_shown($1) AS done', [actor.sessionToken]))[0]?.done).toBe(false) // prettier-ignore
  })
})

describe('a role that signs in by passkeys alone', () => {
  beforeAll(() => setPasskeyOnly('clinician', true))
  afterAll(() => setPasskeyOnly('clinician', false))

  test('a code opens no session; it lets somebody without a passkey make the first one, for ten minutes', async () => {
    const person = await cast.addPerson('clinician')
    const codeIsRight = async () =>
      expect(await checkOneTimeCode(person.accountId, await person.code(), newClient())).toEqual({ kind: 'accepted' }) // prettier-ignore
    expect(await enrol(person)).toEqual({ kind: 'gone' })
    await codeIsRight()
    await expect(openSession(person.accountId, 'totp', newClient())).rejects.toThrow()
    await expect(openSession(person.accountId, 'enrolment', newClient())).rejects.toThrow()
    const first = await dueOf(person)
    // Whoever has the password alone and was on the way already does not know the instant.
    expect(await enrol(person)).toEqual({ kind: 'gone' })
    expect(await enrol(person, device(), new Date(await databaseNow()).toISOString())).toEqual({
      kind: 'gone',
    })
    await cast.advanceClock(601)
    expect(await enrol(person, device(), first)).toEqual({ kind: 'gone' })
    await codeIsRight()
    expect(await enrol(person, device(), first)).toEqual({ kind: 'gone' })
    const due = await dueOf(person)
    expect((await enrol(person, device(), due)).kind).toBe('enrolled')
    expect(await enrol(person, device(), due)).toEqual({ kind: 'gone' })
    expect(await signedIn(person, 'enrolment')).toMatchObject({ accountId: person.accountId })
  })

  test('with a passkey no code counts, at the page or over raw SQL; a recovery code does', async () => {
    const { person, codes, actor } = await withPasskeyAlone('clinician')
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('passkey-only')
    // As if it had been there before the rule.
    await setPasskeyOnly('clinician', false)
    expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('set')
    await setPasskeyOnly('clinician', true)
    expect(await checkOneTimeCode(person.accountId, await person.code(1), newClient())).toEqual({
      kind: 'gone',
    })
    const [row] = await appQuery<{ done: boolean }>('SELECT app.totp_accept($1, $2) AS done', [person.accountId, 2 ** 40]) // prettier-ignore
    expect(row?.done).toBe(false)
    expect(await events(person)).toContainEqual({
      event: 'SECOND_FACTOR_REFUSED',
      detail: { method: 'totp', reason: 'passkey-only' },
    })
    await expect(openSession(person.accountId, 'totp', newClient())).rejects.toThrow()
    expect(await checkRecoveryCode(person.accountId, codes[0] ?? '', newClient())).toEqual({
      kind: 'accepted',
    })
    expect(await signedIn(person, 'recovery-code')).toBeDefined()
    const [own] = await listPasskeys(actor)
    expect(await removePasskey(actor, own?.id ?? '')).toBe('last')
  })

  test('nobody new sets up an app, and other roles are as before', async () => {
    const fresh = await cast.addPerson('clinician', { hasTotp: false })
    expect(await enrolSecondFactor(fresh.accountId, fresh.totpSecret, await fresh.code(), await versionOf(fresh))).toEqual({ kind: 'gone' }) // prettier-ignore
    expect((await enrol(fresh)).kind).toBe('enrolled')
    const nurse = await cast.addPerson('nurse')
    expect(await checkOneTimeCode(nurse.accountId, await nurse.code(), newClient())).toEqual({
      kind: 'accepted',
    })
    expect(await signedIn(nurse, 'totp')).toBeDefined()
    expect(await enrol(nurse)).toEqual({ kind: 'gone' })
  })
})

test('whoever begins anew has no factor, no code and no session left', async () => {
  const { person, actor, codes, key } = await withPasskeyAlone()
  expect(await setTotp(actor, person.totpSecret, await person.code())).toBe('set')
  await expect(appQuery('SELECT app.factors_clear($1)', [person.accountId])).rejects.toMatchObject({ code: '42501' }) // prettier-ignore
  await cast.sql.superuser.query('SELECT app.factors_clear($1)', [person.accountId])
  expect(await listPasskeys(actor)).toEqual([])
  expect(await checkOneTimeCode(person.accountId, await person.code(1), newClient())).toEqual({
    kind: 'gone',
  })
  expect(await checkRecoveryCode(person.accountId, codes[0] ?? '', newClient())).toEqual({ kind: 'wrong' })
  const challenge = newChallenge()
  expect(await verifyPasskey(challenge, key.answer(challenge), newClient())).toEqual({ kind: 'wrong' })
  expect(await checkPassword(person.email, password, newClient())).toMatchObject({ kind: 'enrol' })
  expect((await events(person)).map(({ event }) => event)).toContain('FACTORS_CLEARED')
})
