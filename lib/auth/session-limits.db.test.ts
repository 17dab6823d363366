import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { fakeCiphertext } from '#lib/testing/door-cast.ts'
import { makeSignInCast, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { openSession, type SignInMethod } from './open-session.ts'
import { endOtherSession, endSession, listMySessions, raiseSession, touchSession } from './session.ts'
import { newSessionToken, sessionTokenHash } from './session-token.ts'

// What would be lost if these failed: a limit that a clinic set and that holds for nobody, or a locked screen that somebody else opens.

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

const minute = 60
const client = { ip: '192.0.2.7', userAgent: 'test' }
const signIn = async (role: PersonRole, method: SignInMethod = 'totp') => {
  const person = await cast.addPerson(role)
  return { ...person, token: await openSession(person.accountId, method, client) }
}
const stateOf = async (token: string) => (await touchSession(token)).state
const one = async <T>(text: string, values: unknown[]): Promise<T> =>
  ((await appQuery<{ it: T }>(`SELECT ${text} AS it`, values))[0] as { it: T }).it
const setPolicy = (token: string, role: string, idle: number, most: number, passkeyOnly = false) =>
  one<string>('app.role_policy_set($1, $2, $3, $4, $5)', [token, role, idle, most, passkeyOnly])

describe('the limits of a role', () => {
  test('hold from the next access on, and never reach beyond what the product allows', async () => {
    const ada = await signIn('admin')
    const ben = await signIn('billing')
    const nadia = await signIn('nurse')
    await cast.advanceClock(6 * minute)
    for (const token of [ben.token, nadia.token]) expect(await stateOf(token)).toBe('active')
    expect(await raiseAgain(ada)).toBe(true)
    expect(await setPolicy(ada.token, 'billing', 5, 6)).toBe('saved')
    expect(await setPolicy(ada.token, 'billing', 5, 6)).toBe('unchanged')
    await cast.advanceClock(5 * minute + 1)
    expect([await stateOf(ben.token), await stateOf(nadia.token)]).toEqual(['idle', 'active'])
    await raiseAgain(ada)
    for (const [idle, most] of [[4, 6], [16, 6], [15, 0], [15, 9]] as const)
      expect(await setPolicy(ada.token, 'billing', idle, most)).toBe('beyond-limits') // prettier-ignore
    expect(await setPolicy(ada.token, 'service', 5, 6)).toBe('no-role')
    expect(await setPolicy(ada.token, 'admin', 15, 6, true)).toBe('no-passkey')
    const { rows } = await cast.sql.superuser.query<{ outcome: string; reason: string | null }>(
      `SELECT outcome, detail->>'reason' AS reason FROM audit.security_event_log WHERE event_type = 'ROLE_POLICY_CHANGED' AND session_id IS NOT NULL ORDER BY accessed_at`,
    )
    expect(rows.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      'DONE', 'beyond-limits', 'beyond-limits', 'beyond-limits', 'beyond-limits', 'no-role', 'no-passkey',
    ]) // prettier-ignore
  })

  test('are set by an administrator with a fresh second factor and by nobody else', async () => {
    const ada = await signIn('admin')
    const carla = await signIn('compliance')
    await expect(setPolicy(carla.token, 'nurse', 5, 1)).rejects.toThrow()
    await cast.advanceClock(5 * minute + 1)
    expect(await setPolicy(ada.token, 'nurse', 5, 1)).toBeNull()
    await raiseAgain(ada)
    expect(await setPolicy(ada.token, 'proxy', 10, 8)).toBe('saved')
  })

  test('let one more session in, and end the one that was unused for longest', async () => {
    const ada = await signIn('admin')
    expect(await setPolicy(ada.token, 'clinician', 15, 2)).toBe('saved')
    const ines = await signIn('clinician')
    await cast.advanceClock(40)
    const second = await openSession(ines.accountId, 'totp', client)
    await cast.advanceClock(40)
    expect(await stateOf(ines.token)).toBe('active')
    const third = await openSession(ines.accountId, 'totp', client)
    expect([await stateOf(ines.token), await stateOf(second), await stateOf(third)]).toEqual([
      'active',
      'ended',
      'active',
    ])
    expect(await one('app.session_end_reason($1)', [second])).toBe('limit')
    expect(await one('app.session_end_reason($1)', [third])).toBeNull()
    expect((await cast.eventsOf(ines.accountId)).at(-1)).toEqual({
      event: 'SESSION_ENDED',
      detail: { reason: 'limit' },
    })
    // A lower number ends what is too many now.
    expect(await setPolicy(ada.token, 'clinician', 15, 1)).toBe('saved')
    expect([await stateOf(ines.token), await stateOf(third)]).toEqual(['ended', 'active'])
    // Ten at once leave one.
    await Promise.all(Array.from({ length: 10 }, () => openSession(ines.accountId, 'totp', client)))
    const open = await cast.sql.superuser.query(
      'SELECT FROM app.session WHERE account_id = $1 AND ended_at IS NULL',
      [ines.accountId],
    )
    expect(open.rowCount).toBe(1)
  })

  test('passkeys only: sessions that a code had opened end at once', async () => {
    const ada = await signIn('admin')
    const byCode = await signIn('compliance')
    const byPasskey = await openSession(byCode.accountId, 'passkey', client)
    // It has a passkey, which is all that counts here.
    await cast.sql.superuser.query(
      `WITH t AS (INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (gen_random_uuid(), 'passkey-name', $2) RETURNING id)
       INSERT INTO app.passkey (id, account_id, credential_id, public_key, sign_count, transports, is_backed_up, name_text_id, created_at)
       SELECT gen_random_uuid(), $1::uuid, sha256('a key'), sha256('a key'), 0, '{}', false, t.id, app.now() FROM t`,
      [byCode.accountId, fakeCiphertext()],
    )
    const without = await signIn('compliance', 'recovery-code')
    expect(await setPolicy(ada.token, 'compliance', 15, 6, true)).toBe('saved')
    expect([await stateOf(byCode.token), await stateOf(byPasskey)]).toEqual(['ended', 'active'])
    expect(await stateOf(without.token)).toBe('ended')
    expect(await raiseSession(byPasskey, 'totp')).toBeNull()
    expect(await one('app.session_end_reason($1)', [byCode.token])).toBe('passkey-only')
    expect(await setPolicy(ada.token, 'compliance', 15, 6, false)).toBe('saved')
  })
})

describe('a locked session', () => {
  const lock = (token: string) => one<boolean>('app.session_lock($1)', [token])
  const unlock = async (token: string) => {
    const next = newSessionToken()
    const done = await one<boolean>('app.session_unlock($1, $2, $3)', [token, 'totp', sessionTokenHash(next)])
    return done ? next : null
  }

  test('has no power at any door until it is unlocked, and then has another token', async () => {
    const nadia = await signIn('nurse')
    const colleague = await signIn('nurse')
    expect(await lock(nadia.token)).toBe(true)
    expect(await lock(nadia.token)).toBe(false)
    expect(await stateOf(nadia.token)).toBe('locked')
    expect(await raiseSession(nadia.token, 'totp')).toBeNull()
    expect(await listMySessions(nadia.token)).toEqual([])
    expect(await one('app.my_unread_notices($1)', [nadia.token])).toBeFalsy()
    // The colleague at the same workstation has a session of their own, which is not this one.
    expect(await unlock(colleague.token)).toBeNull()
    const next = await unlock(nadia.token)
    expect(next).not.toBeNull()
    expect(await stateOf(next ?? '')).toBe('active')
    expect(await unlock(nadia.token)).toBeNull()
    await cast.advanceClock(11)
    expect(await stateOf(nadia.token)).toBe('unknown')
    expect((await cast.eventsOf(nadia.accountId)).slice(-2)).toEqual([
      { event: 'SESSION_LOCKED', detail: {} },
      { event: 'SESSION_UNLOCKED', detail: { method: 'totp' } },
    ])
  })

  test('still ends when it is not used, and can be signed out', async () => {
    const nadia = await signIn('nurse')
    await lock(nadia.token)
    await cast.advanceClock(14 * minute)
    expect(await stateOf(nadia.token)).toBe('locked')
    await cast.advanceClock(1 * minute)
    expect(await stateOf(nadia.token)).toBe('idle')
    expect(await unlock(nadia.token)).toBeNull()
    const other = await signIn('nurse')
    await lock(other.token)
    expect(await endSession(other.token, 'sign-out')).toBe(true)
    expect(await stateOf(other.token)).toBe('ended')
  })

  test('ends at the fifth wrong try, also when all come at once', async () => {
    const nadia = await signIn('nurse')
    await lock(nadia.token)
    const left = await Promise.all(
      Array.from({ length: 5 }, () => one<number>('app.session_unlock_failed($1)', [nadia.token])),
    )
    expect(left.toSorted()).toEqual([0, 1, 2, 3, 4])
    expect(await stateOf(nadia.token)).toBe('ended')
    expect(await unlock(nadia.token)).toBeNull()
    expect(await one('app.session_end_reason($1)', [nadia.token])).toBe('unlock-failed')
  })
})

describe('ending many sessions', () => {
  test('a person ends all others, or all, and only with a fresh second factor', async () => {
    const maria = await signIn('patient')
    const other = await openSession(maria.accountId, 'totp', client)
    const stranger = await signIn('patient')
    await cast.advanceClock(5 * minute + 1)
    expect(await one('app.sessions_end_mine($1, false)', [maria.token])).toBeNull()
    const mine = (await listMySessions(maria.token)).find((session) => !session.isCurrent)
    expect(await endOtherSession(maria.token, mine?.sessionId ?? '')).toBe(false)
    const refused = (await cast.eventsOf(maria.accountId)).filter(({ event }) => event === 'STEP_UP_REFUSED')
    expect(refused.map(({ detail }) => detail)).toEqual([
      { asked: 'sessions_end_mine' },
      { asked: 'session_end_other' },
    ])
    const raised = (await raiseSession(maria.token, 'totp')) ?? ''
    expect(await one('app.sessions_end_mine($1, false)', [raised])).toBe(1)
    expect([await stateOf(other), await stateOf(raised), await stateOf(stranger.token)]).toEqual([
      'ended',
      'active',
      'active',
    ])
    expect(await one('app.sessions_end_mine($1, true)', [raised])).toBe(1)
    expect([await stateOf(raised), await stateOf(stranger.token)]).toEqual(['ended', 'active'])
  })

  test('an administrator ends those of one member of staff at once, and everybody’s with a fresh second factor', async () => {
    const ada = await signIn('admin')
    const nadia = await signIn('nurse')
    const maria = await signIn('patient')
    await cast.advanceClock(5 * minute + 1)
    expect(await one('app.sessions_end_of($1, $2)', [ada.token, maria.accountId])).toBe(0)
    expect(await one('app.sessions_end_of($1, $2)', [ada.token, ada.accountId])).toBe(0)
    expect(await one('app.sessions_end_of($1, $2)', [ada.token, nadia.accountId])).toBe(1)
    expect([await stateOf(nadia.token), await stateOf(maria.token)]).toEqual(['ended', 'active'])
    await expect(one('app.sessions_end_of($1, $2)', [maria.token, ada.accountId])).rejects.toThrow()
    expect(await one('app.sessions_end_everybodys($1)', [ada.token])).toBeNull()
    expect(await stateOf(maria.token)).toBe('active')
    await raiseAgain(ada)
    expect(await one<number>('app.sessions_end_everybodys($1)', [ada.token])).toBeGreaterThan(0)
    expect([await stateOf(maria.token), await stateOf(ada.token)]).toEqual(['ended', 'active'])
  })
})

/** Shows the second factor again: the session goes on under another token. */
async function raiseAgain(person: { token: string }): Promise<boolean> {
  const next = await raiseSession(person.token, 'totp')
  if (next !== null) person.token = next
  return next !== null
}
