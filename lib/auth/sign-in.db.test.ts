import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { makeSignInCast, password, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { checkPassword } from './check-password.ts'
import { checkOneTimeCode, checkRecoveryCode } from './check-second-factor.ts'
import { enrolSecondFactor } from './enrol-second-factor.ts'
import { acceptInvitation, invitationHash, newInvitationCode, readInvitation } from './invitation.ts'
import { emailTokens, sealAccountSecret } from './account-secrets.ts'
import { openSession } from './open-session.ts'
import { passwordVersion } from './password-version.ts'
import { newTotpSecret, totpCode } from './totp.ts'

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

let lastAddress = 0
/** A client at an address of its own, so that one test's failures do not count in another. */
const newClient = () => {
  lastAddress += 1
  return { ip: `192.0.2.${lastAddress}`, userAgent: 'test' }
}

describe('the password', () => {
  test('leads to the second factor and never to a session', async () => {
    const maria = await cast.addPerson('patient')
    expect(await checkPassword(` ${maria.email.toUpperCase()} `, password, newClient())).toEqual({
      kind: 'second-factor',
      accountId: maria.accountId,
    })
    expect((await cast.eventsOf(maria.accountId)).map(({ event }) => event)).toEqual(['ACCOUNT_CREATED'])
  })

  test('wrong, unknown address and closed account give one answer', async () => {
    const nadia = await cast.addPerson('nurse')
    const closed = await cast.addPerson('nurse')
    await appQuery('SELECT app.account_deactivate($1, $2)', [cast.people.admin.token, closed.accountId])
    const answers = [
      await checkPassword(nadia.email, 'seven quiet badgers', newClient()),
      await checkPassword(`nobody.${randomBytes(4).toString('hex')}@example.org`, password, newClient()),
      await checkPassword(closed.email, password, newClient()),
      await checkPassword('', '', newClient()),
      await checkPassword('\ud800', password, newClient()),
    ]
    expect(answers).toEqual(answers.map(() => ({ kind: 'wrong' })))
    expect(await cast.eventsOf(nadia.accountId)).toContainEqual({
      event: 'SIGN_IN_FAILED',
      detail: { step: 'password' },
    })
  })
})

describe('the brake', () => {
  test('holds an account after five failures, whatever the address, and survives a new process', async () => {
    const ben = await cast.addPerson('billing')
    for (let turn = 1; turn <= 4; turn += 1)
      expect(await checkPassword(ben.email, 'wrong wrong wrong', newClient())).toEqual({ kind: 'wrong' })
    const held = await checkPassword(ben.email, 'wrong wrong wrong', newClient())
    expect(held).toEqual({ kind: 'wait', seconds: expect.any(Number) as number })
    expect(held.kind === 'wait' && held.seconds).toBeGreaterThan(20)
    expect(held.kind === 'wait' && held.seconds).toBeLessThanOrEqual(30)
    await endPools()
    expect(await checkPassword(ben.email, password, newClient())).toMatchObject({ kind: 'wait' })
    expect((await cast.eventsOf(ben.accountId)).at(-1)?.event).toBe('SIGN_IN_THROTTLED')
    await cast.advanceClock(31)
    expect(await checkPassword(ben.email, password, newClient())).toMatchObject({ kind: 'second-factor' })
  })

  test('a burst of guesses at the one-time code is no faster than one guess after the other', async () => {
    const nadia = await cast.addPerson('nurse')
    const right = await nadia.code()
    const guesses = [...Array.from({ length: 30 }, () => '000000'), right]
    const burst = await Promise.all(
      guesses.map((code) => checkOneTimeCode(nadia.accountId, code, newClient())),
    )
    expect(burst.filter(({ kind }) => kind === 'accepted')).toEqual([])
    const events = (await cast.eventsOf(nadia.accountId)).map(({ event }) => event)
    expect(events.filter((event) => event === 'SIGN_IN_FAILED')).toHaveLength(5)
    expect(events.filter((event) => event === 'SIGN_IN_THROTTLED')).toHaveLength(26)
  })

  test('holds an address that tries many accounts', async () => {
    const client = newClient()
    const people = await Promise.all(Array.from({ length: 2 }, () => cast.addPerson('nurse')))
    for (let turn = 0; turn < 50; turn += 1)
      await checkPassword(`someone.${turn}@example.org`, 'wrong wrong wrong', client)
    expect(await checkPassword(people[0]?.email ?? '', password, client)).toMatchObject({ kind: 'wait' })
    expect(await checkPassword(people[1]?.email ?? '', password, newClient())).toMatchObject({
      kind: 'second-factor',
    })
  })
})

describe('a one-time code', () => {
  test('works once, and an older one does not work after it', async () => {
    const nadia = await cast.addPerson('nurse')
    const [before, code] = [await nadia.code(-1), await nadia.code()]
    expect(await checkOneTimeCode(nadia.accountId, code, newClient())).toEqual({ kind: 'accepted' })
    expect(await checkOneTimeCode(nadia.accountId, code, newClient())).toEqual({ kind: 'used' })
    // A step may have passed meanwhile: then the older code is too old even to be called used.
    expect((await checkOneTimeCode(nadia.accountId, before, newClient())).kind).toMatch(/^(used|wrong)$/)
  })

  test('sent twice at once is accepted exactly once, also past our own queue', async () => {
    const nadia = await cast.addPerson('nurse')
    const code = await nadia.code()
    const both = await Promise.all([1, 2].map(() => checkOneTimeCode(nadia.accountId, code, newClient())))
    expect(both.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual(['accepted', 'used'])
    const step = 9_000_000_000
    const raced = await Promise.all(
      Array.from({ length: 8 }, () =>
        appQuery<{ done: boolean }>('SELECT app.totp_accept($1, $2) AS done', [nadia.accountId, step]),
      ),
    )
    expect(raced.flat().filter(({ done }) => done)).toHaveLength(1)
  })

  test('of the telephone counts beside a demo clock that runs ahead, still once', async () => {
    const maria = await cast.addPerson('patient')
    await cast.advanceClock(16 * 60)
    const code = totpCode(maria.totpSecret, Date.now())
    expect(await checkOneTimeCode(maria.accountId, code, newClient())).toEqual({ kind: 'accepted' })
    expect(await checkOneTimeCode(maria.accountId, code, newClient())).toEqual({ kind: 'used' })
  })
})

describe('setting up the second factor', () => {
  test('happens once: a stolen password cannot replace it, and a wrong code changes nothing', async () => {
    const { accountId, secret } = await acceptedInvitation()
    expect(await enrolSecondFactor(accountId, secret, '000000', await passwordVersion(accountId))).toEqual({
      kind: 'wrong',
    })
    const enrolled = await enrolSecondFactor(
      accountId,
      secret,
      await codeFor(secret),
      await passwordVersion(accountId),
    )
    expect(enrolled).toMatchObject({ kind: 'enrolled' })
    expect(enrolled.kind === 'enrolled' && enrolled.recoveryCodes).toHaveLength(10)
    const other = newTotpSecret()
    expect(
      await enrolSecondFactor(accountId, other, await codeFor(other), await passwordVersion(accountId)),
    ).toEqual({ kind: 'gone' })
  })

  test('gives recovery codes of which each opens one session', async () => {
    const { accountId, secret } = await acceptedInvitation()
    const enrolled = await enrolSecondFactor(
      accountId,
      secret,
      await codeFor(secret),
      await passwordVersion(accountId),
    )
    const [first = '', second = ''] = enrolled.kind === 'enrolled' ? enrolled.recoveryCodes : []
    expect(await checkRecoveryCode(accountId, first.toLowerCase(), newClient())).toEqual({ kind: 'accepted' })
    expect(await checkRecoveryCode(accountId, first, newClient())).toEqual({ kind: 'wrong' })
    const both = await Promise.all([1, 2].map(() => checkRecoveryCode(accountId, second, newClient())))
    expect(both.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
    const events = (await cast.eventsOf(accountId)).filter(({ event }) => event === 'RECOVERY_CODE_USED')
    expect(events.map(({ detail }) => detail['left'])).toEqual([9, 8])
  })

  test('comes before any session', async () => {
    const { accountId } = await acceptedInvitation()
    await expect(openSession(accountId, 'totp', newClient())).rejects.toThrow('did not answer')
  })
})

describe('an invitation', () => {
  test('works once, in any spelling, and not when two people take it at once', async () => {
    const code = await invite()
    const typed = ` ${code.toLowerCase().replaceAll('-', ' ')} `
    expect(await readInvitation(typed)).toMatchObject({ displayName: 'Wendy Park' })
    const both = await Promise.all([1, 2].map(() => acceptInvitation(typed, 'seven quiet otters')))
    expect(both.filter((accountId) => accountId !== null)).toHaveLength(1)
    expect(await readInvitation(code)).toBeNull()
  })

  test('is worth nothing after a week, and neither is one that was never given', async () => {
    const code = await invite()
    expect(await readInvitation(newInvitationCode())).toBeNull()
    await cast.advanceClock(7 * 24 * 3600 + 1)
    expect(await readInvitation(code)).toBeNull()
    expect(await acceptInvitation(code, 'seven quiet otters')).toBeNull()
  })
})

async function invite(): Promise<string> {
  const code = newInvitationCode()
  const accountId = crypto.randomUUID()
  const email = `wendy.${accountId.slice(0, 8)}@example.org`
  const { rows } = await cast.sql.worker.query<{ token: string }>(
    "SELECT app.service_session_open('import') AS token",
  )
  await cast.sql.worker.query('SELECT app.account_invite($1, $2, $3, $4, $5, $6, $7, $8)', [
    rows[0]?.token, accountId, 'nurse', 'Wendy Park', 'Nurse', await sealAccountSecret('email', accountId, email),
    await emailTokens(email), invitationHash(code),
  ]) // prettier-ignore
  return code
}

async function acceptedInvitation(): Promise<{ accountId: string; secret: string }> {
  const accountId = await acceptInvitation(await invite(), password)
  return { accountId: accountId ?? '', secret: newTotpSecret() }
}

async function codeFor(secret: string): Promise<string> {
  const [row] = await appQuery<{ now: Date }>('SELECT app.now() AS now')
  return totpCode(secret, row?.now.getTime() ?? 0)
}
