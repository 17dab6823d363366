import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { emailTokens } from './account-secrets.ts'
import { checkPassword } from './check-password.ts'
import { checkOneTimeCode, checkRecoveryCode } from './check-second-factor.ts'
import type { Client } from './client.ts'
import { openSession } from './open-session.ts'
import { beginAttempt, failAttempt } from './throttle.ts'

// What would be lost if these failed: passwords and codes could be guessed; or whoever knows an address could lock its owner out.

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

let lastAddress = 0
const stranger = (): Client => {
  lastAddress += 1
  return { ip: `10.${lastAddress >> 8}.${lastAddress & 255}.7`, userAgent: 'test' }
}
const device = (): Client => ({
  ...stranger(),
  device: createHash('sha256').update(randomBytes(32)).digest(),
})
/** A browser in which the person has signed in before. */
async function knownDevice(person: Person): Promise<Client> {
  const client = device()
  const token = await openSession(person.accountId, 'totp', client)
  await appQuery('SELECT app.device_note($1, $2, NULL)', [token, client.device])
  return client
}
/** Wrong passwords from browsers and addresses that nobody knows, as the counts see them: without the wait. */
async function guess(person: Person, times: number): Promise<void> {
  const tokens = await emailTokens(person.email)
  for (let turn = 0; turn < times; turn += 1) await failAttempt(tokens, stranger(), 'password')
}
const mailsOf = async (person: Person): Promise<string[]> =>
  (
    await cast.sql.superuser.query<{ kind: string }>(
      'SELECT kind FROM app.mail_outbox WHERE account_id = $1',
      [person.accountId],
    )
  ).rows.map(({ kind }) => kind)

describe('attack 64: guesses from elsewhere', () => {
  test('do not hold up a browser in which the owner has signed in before', async () => {
    const nadia = await cast.addPerson('nurse')
    const own = await knownDevice(nadia)
    await guess(nadia, 60)
    expect(await checkPassword(nadia.email, password, stranger())).toMatchObject({ kind: 'wait' })
    expect(await checkPassword(nadia.email, password, own)).toMatchObject({ kind: 'second-factor' })
    expect(await checkOneTimeCode(nadia.accountId, await nadia.code(), own)).toEqual({ kind: 'accepted' })
    // and once the owner is in, nothing is left of them
    await openSession(nadia.accountId, 'totp', own)
    expect(await checkPassword(nadia.email, password, stranger())).toMatchObject({ kind: 'second-factor' })
  })

  test('shut out everybody but the owner’s own browsers after ninety, and tell the owner once', async () => {
    const maria = await cast.addPerson('patient')
    const own = await knownDevice(maria)
    await guess(maria, 95)
    await cast.advanceClock(366 * 24 * 3600)
    expect(await checkPassword(maria.email, password, stranger())).toMatchObject({ kind: 'wait' })
    expect(await checkPassword(maria.email, password, own)).toMatchObject({ kind: 'second-factor' })
    const events = (await cast.eventsOf(maria.accountId)).map(({ event }) => event)
    expect(events.filter((event) => event === 'SIGN_IN_LOCKED')).toHaveLength(1)
    expect((await mailsOf(maria)).filter((kind) => kind === 'sign-in-locked')).toHaveLength(1)
  })

  test('never come to more than a hundred in a row, own browsers included (SP 800-63B-4 3.2.2)', async () => {
    const ben = await cast.addPerson('billing')
    const [own, other] = [await knownDevice(ben), await knownDevice(ben)]
    await guess(ben, 96)
    const tokens = await emailTokens(ben.email)
    for (let turn = 0; turn < 4; turn += 1) await failAttempt(tokens, own, 'code')
    expect(await checkPassword(ben.email, password, other)).toMatchObject({ kind: 'wait' })
    const shut = await checkPassword(ben.email, password, own)
    expect(shut.kind === 'wait' && shut.seconds).toBeGreaterThan(24 * 3600)
  })

  test('come no further in another person’s browser, known as it may be to that one', async () => {
    const [nadia, ben] = [await cast.addPerson('nurse'), await cast.addPerson('billing')]
    const bens = await knownDevice(ben)
    await guess(nadia, 20)
    expect(await checkPassword(nadia.email, password, bens)).toMatchObject({ kind: 'wait' })
    // nor with a mark that was made up
    expect(await checkPassword(nadia.email, password, device())).toMatchObject({ kind: 'wait' })
  })

  test('with the link of a letter in hand: its holder is not held up by them either, and another’s link helps nobody', async () => {
    const [nadia, ben] = [await cast.addPerson('nurse'), await cast.addPerson('billing')]
    const link = createHash('sha256').update('link').digest()
    await cast.sql.superuser.query(
      `WITH m AS (SELECT app.mail_queue($1, 'recovery-link') AS id)
       INSERT INTO app.mail_link (token_hash, account_id, mail_id, purpose, made_at, expires_at)
       SELECT $2, $1, m.id, 'recovery', app.now(), app.now() + interval '30 minutes' FROM m`,
      [nadia.accountId, link],
    )
    await guess(nadia, 95)
    await guess(ben, 95)
    const holder = { ...stranger(), device: link }
    expect(await checkOneTimeCode(nadia.accountId, await nadia.code(), holder)).toEqual({ kind: 'accepted' })
    expect(await checkOneTimeCode(ben.accountId, await ben.code(), holder)).toMatchObject({ kind: 'wait' })
    await cast.advanceClock(31 * 60)
    expect(await checkPassword(nadia.email, password, holder)).toMatchObject({ kind: 'wait' })
  })
})

test('attack 64: a flood of guesses does not make the owner queue', async () => {
  const nadia = await cast.addPerson('nurse')
  const own = await knownDevice(nadia)
  const order: string[] = []
  const flood = Array.from({ length: 40 }, () =>
    checkPassword(nadia.email, 'wrong wrong wrong', stranger()).then(() => order.push('guess')),
  )
  const owner = checkPassword(nadia.email, password, own).then(({ kind }) => order.push(kind))
  await Promise.all([...flood, owner])
  expect(order.indexOf('second-factor')).toBeLessThan(25)
})

describe('a browser that is known', () => {
  test('waits after five wrong ones of its own, and makes nobody else wait', async () => {
    const nadia = await cast.addPerson('nurse')
    const [own, other] = [await knownDevice(nadia), await knownDevice(nadia)]
    const tokens = await emailTokens(nadia.email)
    const waits: number[] = []
    for (let turn = 0; turn < 7; turn += 1) waits.push(await failAttempt(tokens, own, 'password'))
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120])
    expect(await checkPassword(nadia.email, password, own)).toMatchObject({ kind: 'wait' })
    expect(await checkPassword(nadia.email, password, other)).toMatchObject({ kind: 'second-factor' })
    // its address is no worse for it
    expect((await beginAttempt(await emailTokens('nobody@example.org'), own)).retryAfterSeconds).toBe(0)
    expect((await cast.eventsOf(nadia.accountId)).at(-2)?.detail).toEqual({
      step: 'password',
      known_device: true,
    })
  })

  test('is known no more after ten: whoever took a browser has no tries of their own', async () => {
    const nadia = await cast.addPerson('nurse')
    const own = await knownDevice(nadia)
    const tokens = await emailTokens(nadia.email)
    for (let turn = 0; turn < 10; turn += 1) await failAttempt(tokens, own, 'password')
    await guess(nadia, 1)
    await cast.advanceClock(1)
    expect(await checkPassword(nadia.email, password, own)).toMatchObject({ kind: 'wait' })
    const { rows } = await cast.sql.superuser.query('SELECT FROM app.known_device WHERE account_id = $1', [
      nadia.accountId,
    ])
    expect(rows).toEqual([])
  })

  test('sees what an operator or an administrator let go', async () => {
    const nadia = await cast.addPerson('nurse')
    const own = await knownDevice(nadia)
    const tokens = await emailTokens(nadia.email)
    for (let turn = 0; turn < 6; turn += 1) await failAttempt(tokens, own, 'password')
    // after the years that passed above, with a session that is new
    const admin = await cast.addPerson('admin')
    const token = await openSession(admin.accountId, 'totp', stranger())
    const unlock = (accountId: string) =>
      appQuery<{ done: boolean }>('SELECT app.account_unlock($1, $2) AS done', [token, accountId])
    expect(await unlock(nadia.accountId)).toEqual([{ done: true }])
    expect(await checkPassword(nadia.email, password, own)).toMatchObject({ kind: 'second-factor' })
    expect(await unlock(nadia.accountId)).toEqual([{ done: false }])
  })
})

describe('attack 61: a network', () => {
  test('that tries many accounts from many addresses has to wait, and its neighbours do not', async () => {
    const nadia = await cast.addPerson('nurse')
    for (let turn = 0; turn < 200; turn += 1)
      await failAttempt(await emailTokens(`someone.${turn}@example.org`), { ip: `198.51.100.${turn}`, userAgent: null }, 'password') // prettier-ignore
    expect(await checkPassword(nadia.email, password, { ip: '198.51.100.250', userAgent: null })).toMatchObject({ kind: 'wait' }) // prettier-ignore
    expect(await checkPassword(nadia.email, password, { ip: '198.51.101.1', userAgent: null })).toMatchObject({ kind: 'second-factor' }) // prettier-ignore
  })
})

test('attack 62: a burst of codes is no faster than one after the other, from however many addresses', async () => {
  const nadia = await cast.addPerson('nurse')
  const right = await nadia.code()
  const burst = await Promise.all([
    ...Array.from({ length: 12 }, (_, at) =>
      checkOneTimeCode(nadia.accountId, `00000${at % 10}`, stranger()),
    ),
    ...Array.from({ length: 12 }, () => checkRecoveryCode(nadia.accountId, 'AAAAA-AAAAA', stranger())),
    checkOneTimeCode(nadia.accountId, right, stranger()),
  ])
  expect(burst.filter(({ kind }) => kind === 'accepted')).toEqual([])
  expect(burst.filter(({ kind }) => kind === 'wrong')).toHaveLength(4)
  const events = (await cast.eventsOf(nadia.accountId)).map(({ event }) => event)
  expect(events.filter((event) => event === 'SIGN_IN_FAILED')).toHaveLength(5)
})

test('attack 63: an address that belongs to nobody leaves the same rows, and waits as long', async () => {
  const nadia = await cast.addPerson('nurse')
  const nobody = `nobody.${randomBytes(4).toString('hex')}@example.org`
  const rowsOf = async () => {
    const { rows } = await cast.sql.superuser.query<{ throttle: number; events: number; devices: number }>(
      `SELECT (SELECT count(*) FROM app.sign_in_throttle)::int AS throttle, (SELECT count(*) FROM app.device_throttle)::int AS devices,
              (SELECT count(*) FROM audit.security_event_log)::int AS events`,
    )
    return rows[0]
  }
  const leaves = async (email: string) => {
    const before = await rowsOf()
    const waits: unknown[] = []
    const client = device()
    for (let turn = 0; turn < 7; turn += 1)
      waits.push(await checkPassword(email, 'wrong wrong wrong', client))
    const after = await rowsOf()
    return {
      waits,
      throttle: (after?.throttle ?? 0) - (before?.throttle ?? 0),
      devices: (after?.devices ?? 0) - (before?.devices ?? 0),
      events: (after?.events ?? 0) - (before?.events ?? 0),
    }
  }
  const known = await leaves(nadia.email)
  expect(await leaves(nobody)).toEqual(known)
  expect(known).toMatchObject({ throttle: 3, devices: 0, events: 7 })
})

test('sessions that open, wrong and right codes at the same moment end without a deadlock', async () => {
  const nadia = await cast.addPerson('nurse')
  const own = await knownDevice(nadia)
  const tokens = await emailTokens(nadia.email)
  const work = Array.from({ length: 24 }, (_, turn) =>
    turn % 4 === 0
      ? openSession(nadia.accountId, 'totp', own)
      : failAttempt(tokens, turn % 2 === 0 ? own : stranger(), turn % 3 === 0 ? 'code' : 'password'),
  )
  const ended = await Promise.allSettled(work)
  expect(ended.filter(({ status }) => status === 'rejected')).toEqual([])
  await openSession(nadia.accountId, 'totp', own)
  expect(await checkRecoveryCode(nadia.accountId, 'not a code', own)).toEqual({ kind: 'wrong' })
})
