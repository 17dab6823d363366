import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import type { Client } from './client.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { replaceIndexKey } from '#lib/testing/replace-index-key.ts'
import { emailTokens, sealAccountSecret } from './account-secrets.ts'
import { checkPassword } from './check-password.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { openSession } from './open-session.ts'

/* Attack 37 for people who sign in: an address is found, unique, and as far shut out as it was, in every step of a replacement. */

let cast: SignInCast
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())

const client = (ip: string): Client => ({ ip, userAgent: 'test' })
let addresses = 0
const anywhere = () => {
  addresses += 1
  return client(`10.1.${addresses >> 8}.${addresses & 255}`)
}
const fails = async (person: Person, times: number, from = anywhere()) => {
  for (let time = 0; time < times; time += 1) await checkPassword(person.email, 'wrong horse battery', from)
}
const failuresOf = async (person: Person) =>
  (
    await cast.sql.superuser.query<{ failures: number }>(
      `SELECT t.failures FROM app.sign_in_throttle t JOIN app.account a ON t.key IN (a.email_token, a.email_token_even) WHERE a.id = $1`,
      [person.accountId],
    )
  ).rows.map((row) => row.failures)

describe('attack 37: in every step of a replacement of the index key', () => {
  test('everybody signs in, and no address gets a second login', async () => {
    const early = await cast.addPerson('nurse')
    const people = [early]
    const refused: unknown[] = []
    await replaceIndexKey({
      between: async (step) => {
        people.push(await cast.addPerson('clinician'))
        for (const person of people) {
          expect(
            await checkPassword(` ${person.email.toUpperCase()} `, password, anywhere()),
            step,
          ).toMatchObject({
            kind: 'second-factor',
            accountId: person.accountId,
          })
        }
        const { rows } = await cast.sql.worker.query<{ token: string }>(
          `SELECT app.service_session_open('people') AS token`,
        )
        for (const { email } of people) {
          const id = randomUUID()
          await cast.sql.worker
            .query('SELECT app.account_invite($1, $2, $3, $4, $5, $6, $7, $8)', [
              rows[0]?.token, id, 'nurse', 'Wendy Park', 'Nurse', await sealAccountSecret('email', id, email), await emailTokens(email), Buffer.from(id),
            ])
            .catch((error: unknown) => refused.push((error as { code: string }).code))
        } // prettier-ignore
      },
    })
    expect(people).toHaveLength(6)
    expect(refused).toEqual(Array.from({ length: 2 + 3 + 4 + 5 + 6 }, () => '23505'))
  })

  test('a process that has not heard signs people in, and is refused an address that others have', async () => {
    const store = await processKeyStore()
    const stale = await store.indexKeys()
    const early = await cast.addPerson('nurse')
    await replaceIndexKey({
      between: async (step) => {
        if (step !== 'fill') return
        const later = await cast.addPerson('nurse')
        const old = vi.spyOn(store, 'indexKeys').mockResolvedValue(stale)
        for (const person of [early, later])
          expect(await checkPassword(person.email, password, anywhere())).toMatchObject({
            kind: 'second-factor',
          })
        const id = randomUUID()
        const { rows } = await cast.sql.worker.query<{ token: string }>(
          `SELECT app.service_session_open('people') AS token`,
        )
        await expect(
          cast.sql.worker.query('SELECT app.account_invite($1, $2, $3, $4, $5, $6, $7, $8)', [
            rows[0]?.token, id, 'nurse', 'Wendy Park', 'Nurse', await sealAccountSecret('email', id, later.email), await emailTokens(later.email), Buffer.from(id),
          ]),
        ).rejects.toMatchObject({ code: '23505' }) // prettier-ignore
        old.mockRestore()
      },
    })
    expect(await checkPassword(early.email, password, anywhere())).toMatchObject({ kind: 'second-factor' })
  })
})

describe('what was counted against a sign-in', () => {
  test('goes on with the account: shut out before, shut out in every step and after; one more failure is one more', async () => {
    const shutOut = await cast.addPerson('nurse')
    const counted = await cast.addPerson('nurse')
    await fails(shutOut, 5)
    await fails(counted, 3)
    let failures = 3
    await replaceIndexKey({
      between: async (step) => {
        expect(await checkPassword(shutOut.email, password, anywhere()), step).toMatchObject({ kind: 'wait' })
        if (step === 'begin') return
        failures += 1
        await fails(counted, 1)
        expect(Math.max(...(await failuresOf(counted))), step).toBe(failures)
        if (failures >= 5) await cast.advanceClock(16 * 60)
        if (failures >= 5) await fails(shutOut, 1)
      },
    })
    expect(await checkPassword(shutOut.email, password, anywhere())).toMatchObject({ kind: 'wait' })
    await cast.advanceClock(16 * 60)
    // A sign-in that succeeds forgets them under every token.
    expect(await checkPassword(counted.email, password, anywhere())).toMatchObject({ kind: 'second-factor' })
    expect(await checkOneTimeCode(counted.accountId, await counted.code(), anywhere())).toEqual({
      kind: 'accepted',
    })
    await openSession(counted.accountId, 'totp', anywhere())
    expect(await failuresOf(counted)).toEqual([])
  })

  test('goes on with an address of the network that comes back while both versions are counted', async () => {
    const from = client('192.0.2.7')
    const victims = await Promise.all(Array.from({ length: 13 }, () => cast.addPerson('nurse')))
    for (const victim of victims) await fails(victim, 4, from)
    const innocent = await cast.addPerson('nurse')
    expect(await checkPassword(innocent.email, password, from)).toMatchObject({ kind: 'wait' })
    await replaceIndexKey({
      between: async (step) => {
        expect(await checkPassword(innocent.email, password, from), step).toMatchObject({ kind: 'wait' })
      },
    })
    expect(await checkPassword(innocent.email, password, from)).toMatchObject({ kind: 'wait' })
    // Control: another address is let in.
    expect(await checkPassword(innocent.email, password, anywhere())).toMatchObject({ kind: 'second-factor' })
  })

  test('is not kept under a key that is gone', async () => {
    const person = await cast.addPerson('nurse')
    await fails(person, 2)
    await replaceIndexKey()
    const { rows } = await cast.sql.superuser.query<{ versions: number[] }>(
      'SELECT array_agg(DISTINCT get_byte(key, 0)) AS versions FROM app.sign_in_throttle WHERE octet_length(key) = 17',
    )
    expect(rows[0]?.versions).toHaveLength(1)
    expect(await failuresOf(person)).toEqual([2])
  })
})
