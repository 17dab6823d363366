import { afterAll, beforeAll, expect, test } from 'vitest'
import { unlockPerson } from '#lib/accounts/people/unlock-person.ts'
import { emailTokens } from '#lib/auth/account-secrets.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { failAttempt } from '#lib/auth/throttle.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { makeSignInCast, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { readSignInReport } from './read-sign-in-report.ts'

// What would be lost if these failed: administrators would not see that somebody guesses, or would see which patients are guessed at.

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

async function actorOf(role: PersonRole): Promise<Actor> {
  const { accountId } = await cast.addPerson(role)
  const sessionToken = await openSession(accountId, 'totp', { ip: null, userAgent: null })
  return brandActor({ accountId, role, displayName: '', sessionToken, clientIp: null })
}

test('an administrator sees tries, networks and whose account is held up, and of patients a number', async () => {
  const ada = await actorOf('admin')
  expect(await readSignInReport(ada, 'hour')).toMatchObject({ sources: [], held: [], heldPortalAccounts: 0 })
  const [nadia, ben, maria] = [await cast.addPerson('nurse'), await cast.addPerson('billing'), await cast.addPerson('patient')] // prettier-ignore
  const guess = async (email: string, times: number, network: string) => {
    const tokens = await emailTokens(email)
    for (let turn = 0; turn < times; turn += 1)
      await failAttempt(tokens, { ip: `${network}${turn % 3}`, userAgent: null }, 'password')
  }
  await guess(nadia.email, 6, '192.0.2.')
  await guess(ben.email, 90, '198.51.100.')
  await guess(maria.email, 5, '2001:db8:1:1::')
  await guess('nobody@example.org', 4, '2001:db8:1:2::')

  const report = await readSignInReport(ada, 'hour')
  expect(report.bars).toHaveLength(24)
  expect(report.bars.at(-1)).toMatchObject({ entries: 105, refused: 0 })
  expect(report.sources).toMatchObject([
    { network: '198.51.100.0/24', tries: 90, turnedAway: 0, addresses: 3, accounts: 1 },
    { network: '2001:db8:1::/48', tries: 9, turnedAway: 0, addresses: 6, accounts: 1 },
    { network: '192.0.2.0/24', tries: 6, turnedAway: 0, addresses: 3, accounts: 1 },
  ])
  expect(report.held.toSorted((a, b) => (a.failures ?? 0) - (b.failures ?? 0))).toMatchObject([
    { accountId: nadia.accountId, failures: 6, isLocked: false, isOwn: false },
    { accountId: ben.accountId, failures: 90, until: null },
  ])
  expect(report.held.find(({ accountId }) => accountId === nadia.accountId)?.until).not.toBeNull()
  expect(report.heldPortalAccounts).toBe(1)
  expect(JSON.stringify(report)).not.toContain(maria.accountId)

  expect(await unlockPerson(ada, ben.accountId)).toBe(true)
  expect((await readSignInReport(ada, 'day')).held.map(({ accountId }) => accountId)).toEqual([
    nadia.accountId,
  ])
  expect((await readSignInReport(ada, 'day')).bars).toHaveLength(30)
})

test.each(['nurse', 'clinician', 'billing', 'compliance', 'patient', 'proxy'] as const)(
  'a %s sees none of it',
  async (role) => {
    await expect(readSignInReport(await actorOf(role), 'day')).rejects.toBeInstanceOf(RecordUnavailable)
  },
)
