import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { makeSignInCast, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { openSession } from './open-session.ts'
import {
  endOtherSession,
  endSession,
  listMySessions,
  peekSession,
  raiseSession,
  touchSession,
} from './session.ts'
import { newSessionToken, sessionTokenHash } from './session-token.ts'

// What would be lost if these failed: a session that outlives its fifteen minutes, its owner's sign-out, or the
// decision of an admin.

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

const signIn = async (role: PersonRole) => {
  const person = await cast.addPerson(role)
  return {
    ...person,
    token: await openSession(person.accountId, 'totp', { ip: '192.0.2.7', userAgent: 'test' }),
  }
}
const stateOf = async (token: string) => (await touchSession(token)).state
const minute = 60

describe('fifteen minutes without use', () => {
  // The clock goes on by itself while a busy machine works: hence half a minute. The second is measured in admission.db.test.ts.
  test('14:30 is in time and begins the fifteen minutes anew; 15:00 is not', async () => {
    const { token, accountId } = await signIn('nurse')
    await cast.advanceClock(14 * minute + 30)
    expect(await stateOf(token)).toBe('active')
    await cast.advanceClock(14 * minute + 30)
    expect(await stateOf(token)).toBe('active')
    await cast.advanceClock(15 * minute + 1)
    expect(await stateOf(token)).toBe('idle')
    expect(await stateOf(token)).toBe('idle')
    expect(await raiseSession(token, 'totp')).toBeNull()
    expect(await endSession(token, 'idle')).toBe(true)
    expect(await endSession(token, 'idle')).toBe(false)
    expect(await stateOf(token)).toBe('ended')
    expect((await cast.eventsOf(accountId)).at(-1)).toEqual({
      event: 'SESSION_ENDED',
      detail: { reason: 'idle' },
    })
  })

  test('asking when it ends is no use of it', async () => {
    const { token } = await signIn('nurse')
    const first = await peekSession(token)
    for (let turn = 0; turn < 5; turn += 1) {
      await cast.advanceClock(3 * minute - 10)
      expect((await peekSession(token)).state).toBe('active')
    }
    const last = await peekSession(token)
    expect(last.state === 'active' && first.state === 'active' && last.idleExpiresAt).toEqual(
      first.state === 'active' && first.idleExpiresAt,
    )
    await cast.advanceClock(minute)
    expect((await peekSession(token)).state).toBe('idle')
  })
})

test.each([
  ['patient', 8],
  ['nurse', 12],
] as const)('a %s is signed in for %i hours at most, however busy', async (role, hours) => {
  const { token } = await signIn(role)
  for (let turn = 0; turn < hours * 6 - 1; turn += 1) {
    await cast.advanceClock(10 * minute)
    expect(await stateOf(token)).toBe('active')
  }
  await cast.advanceClock(10 * minute)
  expect(await stateOf(token)).toBe('expired')
})

describe('a session is dead on the next request', () => {
  test('after its owner signed out', async () => {
    const { token } = await signIn('patient')
    await endSession(token, 'sign-out')
    expect(await touchSession(token)).toMatchObject({ state: 'ended' })
  })

  test('after an admin ended it, and no nurse can do that', async () => {
    const nadia = await signIn('nurse')
    const ada = await signIn('admin')
    const [session] = await listMySessions(nadia.token)
    expect(await endOtherSession(cast.people.nurse.token, session?.sessionId ?? '')).toBe(false)
    expect(await stateOf(nadia.token)).toBe('active')
    expect(await endOtherSession(ada.token, session?.sessionId ?? '')).toBe(true)
    expect(await stateOf(nadia.token)).toBe('ended')
  })

  test.each([
    ['another role', 'SELECT app.account_set_role($1, $2, $3)', ['billing']],
    ['the account closed', 'SELECT app.account_deactivate($1, $2)', []],
  ])('after %s', async (_, statement, more) => {
    const nadia = await signIn('nurse')
    const ada = await signIn('admin')
    expect(await stateOf(nadia.token)).toBe('active')
    await appQuery(statement, [ada.token, nadia.accountId, ...more])
    expect(await stateOf(nadia.token)).toBe('ended')
    if (more.length === 0)
      await expect(openSession(nadia.accountId, 'totp', { ip: null, userAgent: null })).rejects.toThrow()
  })

  test('after its person ended it from another one, and only that person', async () => {
    const maria = await signIn('patient')
    const second = await openSession(maria.accountId, 'totp', { ip: null, userAgent: 'second' })
    const stranger = await signIn('patient')
    const first = (await listMySessions(second)).find((session) => !session.isCurrent)
    expect(await endOtherSession(stranger.token, first?.sessionId ?? '')).toBe(false)
    expect(await endOtherSession(second, first?.sessionId ?? '')).toBe(true)
    expect(await stateOf(maria.token)).toBe('ended')
    // Both may have been opened in the same millisecond: which is listed first says nothing here.
    const mine = await listMySessions(second)
    expect(mine).toHaveLength(2)
    expect(mine.every(({ isActive, isCurrent }) => isActive === isCurrent)).toBe(true)
    expect(mine.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
  })
})

describe('a token', () => {
  test('is known to the database only as a hash', async () => {
    const { token } = await signIn('patient')
    const { rows } = await cast.sql.superuser.query<{ row: string }>(
      'SELECT s::text AS row FROM app.session s',
    )
    expect(rows.some(({ row }) => row.includes(token))).toBe(false)
    expect(rows.some(({ row }) => row.includes(sessionTokenHash(token).toString('hex')))).toBe(true)
  })

  test.each(['', 'x', newSessionToken(), '0'.repeat(43), "' OR true --"])(
    'that was made up opens nothing: %s',
    async (token) => {
      expect(await touchSession(token)).toEqual({ state: 'unknown', accountId: null })
    },
  )

  test('of a job is worth nothing to the web process', async () => {
    const { rows } = await cast.sql.worker.query<{ token: string }>(
      "SELECT app.service_session_open('import') AS token",
    )
    expect(await stateOf(rows[0]?.token ?? '')).toBe('ended')
  })
})
