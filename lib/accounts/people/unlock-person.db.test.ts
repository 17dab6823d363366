import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { eventsAbout, failSignIns, makeLogin, waitOf, type Login } from '#lib/testing/make-login.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { findPerson } from './find-person.ts'
import { openPerson } from './list-people.ts'
import { unlockByEmail, unlockPerson } from './unlock-person.ts'

let superuser: pg.Client
let admin: Login
beforeAll(async () => {
  await initialiseKeyStore(env)
  const { urls } = await testDatabase()
  superuser = new pg.Client({ connectionString: urls.superuser })
  await superuser.connect()
  admin = await makeLogin('admin')
})
afterAll(async () => {
  await endPools()
  await closeProcessKeyStore()
  await superuser.end()
})

const tenYears = 10 * 365 * 86_400

describe('an account that failed sign-ins shut', () => {
  test('is seen and unlocked by an administrator, once and on record, and is shut again by the next failures', async () => {
    const nurse = await makeLogin('nurse')
    expect((await openPerson(admin.actor, nurse.accountId))?.signInBlocked).toBeNull()
    expect(await unlockPerson(admin.actor, nurse.accountId)).toBe(false)
    await failSignIns(nurse, 5)
    const seen = await openPerson(admin.actor, nurse.accountId)
    expect(Date.parse(seen?.signInBlocked?.until ?? '')).toBeGreaterThan(Date.now())
    await failSignIns(nurse, 95)
    expect((await openPerson(admin.actor, nurse.accountId))?.signInBlocked).toEqual({ until: null })
    expect(await waitOf(nurse)).toBeGreaterThan(tenYears)

    expect(await unlockPerson(admin.actor, nurse.accountId)).toBe(true)
    expect(await waitOf(nurse)).toBe(0)
    expect((await eventsAbout(superuser, nurse.accountId)).at(-1)).toEqual({
      event_type: 'ACCOUNT_UNLOCKED',
      actor_role: 'admin',
      detail: { failures: 100 },
    })
    expect(await unlockPerson(admin.actor, nurse.accountId)).toBe(false)

    expect(await failSignIns(nurse, 4)).toBe(0)
    expect(await failSignIns(nurse, 1)).toBe(30)
    expect(await waitOf(nurse)).toBeGreaterThan(0)
    expect(await unlockPerson(admin.actor, nurse.accountId)).toBe(true)
  })

  test('two at once unlock it once', async () => {
    const nurse = await makeLogin('nurse')
    await failSignIns(nurse, 7)
    const unlocked = await Promise.all([1, 2, 3].map(() => unlockPerson(admin.actor, nurse.accountId)))
    expect(unlocked.toSorted()).toEqual([false, false, true])
  })

  test.each(['nurse', 'clinician', 'billing', 'compliance', 'patient', 'proxy'] as const)(
    'is not unlocked by a %s, and stays shut',
    async (role) => {
      const other = await makeLogin(role)
      const nurse = await makeLogin('nurse')
      await failSignIns(nurse, 100)
      await expect(unlockPerson(other.actor, nurse.accountId)).rejects.toMatchObject({ code: '42501' })
      expect(await waitOf(nurse)).toBeGreaterThan(tenYears)
      expect(JSON.stringify(await eventsAbout(superuser, nurse.accountId))).not.toContain('ACCOUNT_UNLOCKED')
    },
  )

  test('is not unlocked by an administrator when it is a patient’s, or their own', async () => {
    const patient = await makeLogin('patient')
    await failSignIns(patient, 6)
    expect(await unlockPerson(admin.actor, patient.accountId)).toBe(false)
    await failSignIns(admin, 6)
    expect(await unlockPerson(admin.actor, admin.accountId)).toBe(false)
    expect(await waitOf(patient)).toBeGreaterThan(0)
    expect(await waitOf(admin)).toBeGreaterThan(0)
  })
})

describe('by e-mail address', () => {
  test('the operator unlocks a patient and a proxy, on record, and nobody who is not shut out', async () => {
    for (const role of ['patient', 'proxy'] as const) {
      const person = await makeLogin(role)
      const unlock = (email: string) => asService('people', (operator) => unlockByEmail(operator, email))
      await failSignIns(person, 4)
      expect(await unlock(person.email)).toBe(false)
      await failSignIns(person, 96)
      expect(await unlock(` ${person.email.toUpperCase()}`)).toBe(true)
      expect(await waitOf(person)).toBe(0)
      expect((await eventsAbout(superuser, person.accountId)).at(-1)).toEqual({
        event_type: 'ACCOUNT_UNLOCKED',
        actor_role: 'service',
        detail: { failures: 100 },
      })
      expect(await unlock('nobody@example.org')).toBe(false)
    }
  })

  test('the operator finds staff, and never a patient', async () => {
    const [nurse, patient] = [await makeLogin('nurse'), await makeLogin('patient')]
    await asService('people', async (operator) => {
      expect(await findPerson(operator, nurse.email)).toBe(nurse.accountId)
      expect(await findPerson(operator, patient.email)).toBeNull()
    })
  })

  test('an administrator can do neither, from neither login', async () => {
    const patient = await makeLogin('patient')
    await failSignIns(patient, 6)
    await expect(unlockByEmail(admin.actor, patient.email)).rejects.toMatchObject({
      causeName: expect.stringContaining('42501') as string,
    })
    await expect(findPerson(admin.actor, patient.email)).rejects.toMatchObject({
      causeName: expect.stringContaining('42501') as string,
    })
    const { urls } = await testDatabase()
    const worker = new pg.Client({ connectionString: urls.worker })
    await worker.connect()
    try {
      await expect(
        worker.query('SELECT app.account_unlock_by_email($1, $2)', [
          admin.actor.sessionToken,
          patient.emailTokens,
        ]),
      ).rejects.toMatchObject({ code: '42501' })
    } finally {
      await worker.end()
    }
    expect(await waitOf(patient)).toBeGreaterThan(0)
  })
})
