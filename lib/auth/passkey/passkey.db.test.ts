import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { makeSignInCast, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { softPasskey } from '#lib/testing/soft-passkey.ts'
import { checkPassword } from '#lib/auth/check-password.ts'
import { emailTokens } from '#lib/auth/account-secrets.ts'
import { doors } from '#lib/auth/limit/doors.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { failAttempt } from '#lib/auth/throttle.ts'
import { endSession } from '#lib/auth/session.ts'
import { addPasskey, keepPasskey } from './add-passkey.ts'
import { verifyPasskey } from './check-passkey.ts'
import { listPasskeys } from './list-passkeys.ts'
import { relyingParty } from './relying-party.ts'
import { removePasskey } from './remove-passkey.ts'

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

async function signedIn(person: Person): Promise<Actor> {
  const sessionToken = await openSession(person.accountId, 'totp', newClient())
  return { sessionToken, accountId: person.accountId, role: person.role, clientIp: null } as Actor
}
async function withPasskey(role: Person['role'] = 'nurse', name = 'Phone') {
  const person = await cast.addPerson(role)
  const actor = await signedIn(person)
  const key = device()
  const challenge = newChallenge()
  expect(await keepPasskey(actor, challenge, key.make(challenge), name)).toBe('added')
  return { person, actor, key }
}
const eventsOf = async (person: Person) => (await cast.eventsOf(person.accountId)).map(({ event }) => event)

describe('adding', () => {
  test('keeps the name sealed, tells the owner, and stands in the log', async () => {
    const { person, actor, key } = await withPasskey('patient', 'Maria’s phone')
    expect(await listPasskeys(actor)).toMatchObject([
      { name: 'Maria’s phone', lastUsedAt: null, isBackedUp: false },
    ])
    const [row] = await cast.sql.superuser
      .query<{ everything: string }>(
        'SELECT k::text || t::text AS everything FROM app.passkey k JOIN app.sealed_text t ON t.id = k.name_text_id WHERE credential_id = $1',
        [key.id],
      )
      .then(({ rows }) => rows)
    expect(row?.everything).not.toContain('Maria')
    expect(await eventsOf(person)).toContain('PASSKEY_ADDED')
    const { rows } = await cast.sql.superuser.query('SELECT kind FROM app.notice WHERE account_id = $1', [
      person.accountId,
    ])
    expect(rows).toEqual([{ kind: 'passkey-added' }])
  })

  test('needs a second factor that is younger than five minutes, whatever the page thought', async () => {
    const person = await cast.addPerson('clinician')
    const actor = await signedIn(person)
    await cast.advanceClock(301)
    const challenge = newChallenge()
    expect(await keepPasskey(actor, challenge, device().make(challenge), 'Late')).toBe('code-needed')
    expect(await listPasskeys(actor)).toEqual([])
  })

  test.each([
    ['another site', { origin: 'https://vigil.example.org' }],
    ['another host', { host: 'example.org' }],
    ['a device that did not verify its owner', { isVerified: false }],
  ])('refuses what was made for %s', async (_, ways) => {
    const actor = await signedIn(await cast.addPerson('nurse'))
    const challenge = newChallenge()
    expect(await keepPasskey(actor, challenge, device().make(challenge, ways), 'Phone')).toBe('wrong')
  })

  test('refuses an answer to another challenge, one that is no answer, and a passkey that is known', async () => {
    const { actor, key } = await withPasskey()
    const [challenge, other] = [newChallenge(), newChallenge()]
    expect(await keepPasskey(actor, challenge, device().make(other), 'Phone')).toBe('wrong')
    expect(await keepPasskey(actor, challenge, '{"id": 1}', 'Phone')).toBe('wrong')
    expect(await keepPasskey(actor, challenge, 'x'.repeat(1_000_000), 'Phone')).toBe('wrong')
    const thief = await signedIn(await cast.addPerson('nurse'))
    expect(await keepPasskey(thief, challenge, key.make(challenge), 'Phone')).toBe('taken')
  })

  test('takes ten and no more, also two at once', async () => {
    const { actor } = await withPasskey()
    const add = async () => {
      const challenge = newChallenge()
      return keepPasskey(actor, challenge, device().make(challenge), 'One more')
    }
    for (let count = 2; count <= 9; count += 1) expect(await add()).toBe('added')
    expect((await Promise.all([add(), add()])).toSorted()).toEqual(['added', 'too-many'])
  })
})

describe('signing in', () => {
  test('says whose it is, once for each challenge', async () => {
    const { person, key, actor } = await withPasskey()
    const challenge = newChallenge()
    const answer = key.answer(challenge)
    expect(await verifyPasskey(challenge, answer, newClient())).toEqual({
      kind: 'accepted',
      accountId: person.accountId,
    })
    const token = await openSession(person.accountId, 'passkey', newClient())
    expect(token).toHaveLength(43)
    expect((await listPasskeys(actor))[0]?.lastUsedAt).not.toBeNull()
    // Whoever copied cookie and answer comes too late.
    expect(await verifyPasskey(challenge, answer, newClient())).toEqual({ kind: 'wrong' })
    expect(await cast.eventsOf(person.accountId)).toContainEqual({
      event: 'PASSKEY_REFUSED',
      detail: expect.objectContaining({ reason: 'answered-before' }) as object,
    })
  })

  test('the same answer twice at the same moment is taken once', async () => {
    const { key } = await withPasskey()
    const challenge = newChallenge()
    const answer = key.answer(challenge)
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => verifyPasskey(challenge, answer, newClient())))
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
  })

  test.each([
    ['a forged signature', { isForged: true }],
    ['another site', { origin: 'https://vigil.example.org' }],
    ['another host', { host: 'example.org' }],
    ['an owner who was not verified', { isVerified: false }],
  ])('refuses %s', async (_, ways) => {
    const { key, person } = await withPasskey()
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge, ways), newClient())).toEqual({
      kind: 'wrong',
    })
    expect(await eventsOf(person)).toContain('PASSKEY_REFUSED')
  })

  test('a copy of the key is found by its count', async () => {
    const { key, person } = await withPasskey()
    const [first, second] = [newChallenge(), newChallenge()]
    expect(await verifyPasskey(first, key.answer(first, { count: 7 }), newClient())).toMatchObject({
      kind: 'accepted',
    })
    expect(await verifyPasskey(second, key.answer(second, { count: 7 }), newClient())).toEqual({
      kind: 'wrong',
    })
    expect(await cast.eventsOf(person.accountId)).toContainEqual({
      event: 'PASSKEY_REFUSED',
      detail: expect.objectContaining({ reason: 'count' }) as object,
    })
  })

  test('a passkey that nobody has, one that was removed and one of a closed account give one answer', async () => {
    const removed = await withPasskey()
    const [own] = await listPasskeys(removed.actor)
    expect(await removePasskey(removed.actor, own?.id ?? '')).toBe('removed')
    const closed = await withPasskey()
    await appQuery('SELECT app.account_deactivate($1, $2)', [
      cast.people.admin.token,
      closed.person.accountId,
    ])
    for (const key of [device(), removed.key, closed.key]) {
      const challenge = newChallenge()
      expect(await verifyPasskey(challenge, key.answer(challenge), newClient())).toEqual({ kind: 'wrong' })
    }
  })

  test('failed passwords do not shut the owner of a passkey out', async () => {
    const { person, key } = await withPasskey()
    for (let turn = 0; turn < 5; turn += 1)
      await checkPassword(person.email, 'wrong wrong wrong', newClient())
    expect(await checkPassword(person.email, 'wrong wrong wrong', newClient())).toMatchObject({
      kind: 'wait',
    })
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge), newClient())).toMatchObject({
      kind: 'accepted',
    })
  })

  test('a passkey does not wait for passwords that are guessed at the same address', async () => {
    const { key } = await withPasskey()
    const client = newClient()
    for (let turn = 0; turn < 51; turn += 1)
      await failAttempt(await emailTokens(`nobody.${turn}@example.org`), client, 'password')
    expect(await checkPassword('nobody@example.org', 'wrong wrong wrong', client)).toMatchObject({
      kind: 'wait',
    })
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge), client)).toMatchObject({ kind: 'accepted' })
  })

  test('wrong signatures count against their address and not against the account', async () => {
    const { person, key, actor } = await withPasskey()
    const client = newClient()
    const tries = []
    for (let turn = 0; turn < doors.passkey.address + 2; turn += 1) {
      const challenge = newChallenge()
      tries.push((await verifyPasskey(challenge, key.answer(challenge, { isForged: true }), client)).kind)
    }
    expect(tries.at(-1)).toBe('wait')
    const challenge = newChallenge()
    expect(await verifyPasskey(challenge, key.answer(challenge), client)).toMatchObject({ kind: 'wait' })
    expect(await verifyPasskey(challenge, key.answer(challenge), newClient())).toMatchObject({
      kind: 'accepted',
    })
    expect(await checkPassword(person.email, 'wrong wrong wrong', newClient())).toEqual({ kind: 'wrong' })
    // A telephone in the waiting room has the address of the whole clinic: browsers that somebody works with go on.
    const own = { ...client, device: randomBytes(32) }
    const answered = async (by: typeof own, ways = {}) => {
      const asked = newChallenge()
      return (await verifyPasskey(asked, key.answer(asked, ways), by)).kind
    }
    expect(await answered(own)).toBe('wait')
    await appQuery('SELECT app.device_note($1, $2, NULL)', [actor.sessionToken, own.device])
    expect(await answered(own)).toBe('accepted')
    // and are counted by themselves
    for (let turn = 0; turn < doors.passkey.subject + 1; turn += 1) await answered(own, { isForged: true })
    expect(await answered(own)).toBe('wait')
  })
})

describe('confirming who is there, and removing', () => {
  test('a passkey of somebody else confirms nothing', async () => {
    const [mine, theirs] = [await withPasskey(), await withPasskey()]
    const challenge = newChallenge()
    const answer = theirs.key.answer(challenge)
    expect(await verifyPasskey(challenge, answer, newClient(), mine.person.accountId)).toEqual({
      kind: 'wrong',
    })
    const own = newChallenge()
    expect(await verifyPasskey(own, mine.key.answer(own), newClient(), mine.person.accountId)).toMatchObject({
      kind: 'accepted',
    })
  })

  test('somebody else’s passkey is not found, and an old second factor removes nothing', async () => {
    const [mine, theirs] = [await withPasskey(), await withPasskey()]
    const [target] = await listPasskeys(theirs.actor)
    expect(await removePasskey(mine.actor, target?.id ?? '')).toBe('gone')
    expect(await removePasskey(mine.actor, randomUUID())).toBe('gone')
    await cast.advanceClock(301)
    expect(await removePasskey(theirs.actor, target?.id ?? '')).toBe('code-needed')
    expect(await listPasskeys(theirs.actor)).toHaveLength(1)
  })

  test('a session that is idle, and one that was ended, add, list and remove nothing', async () => {
    const { actor } = await withPasskey()
    const [own] = await listPasskeys(actor)
    const other = await signedIn(await cast.addPerson('nurse'))
    await endSession(other.sessionToken, 'sign-out')
    await cast.advanceClock(15 * 60 + 1)
    for (const dead of [actor, other]) {
      const challenge = newChallenge()
      expect(await keepPasskey(dead, challenge, device().make(challenge), 'Phone')).toBe('code-needed')
      expect(await listPasskeys(dead)).toEqual([])
      expect(await removePasskey(dead, own?.id ?? '')).toBe('code-needed')
    }
    const { rows } = await cast.sql.superuser.query('SELECT account_id FROM app.passkey WHERE id = $1', [
      own?.id,
    ])
    expect(rows).toHaveLength(1)
  })

  test('without a challenge in the browser nothing is added', async () => {
    // Outside of a request there is no cookie to read; inside one a missing cookie is the answer "start again".
    const actor = await signedIn(await cast.addPerson('nurse'))
    await expect(addPasskey(actor, '{}', 'Phone')).rejects.toThrow()
  })

  test('the tables are closed to every login', async () => {
    for (const statement of [
      'SELECT public_key FROM app.passkey',
      'DELETE FROM app.passkey_answer',
      'SELECT * FROM app.sealed_text',
    ])
      await expect(appQuery(statement)).rejects.toMatchObject({ code: '42501' })
  })
})
