import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { env } from '#lib/env.ts'
import { type Cast, type CastMember, makeDoorCast } from '#lib/testing/door-cast.ts'
import { deactivatePerson, endStaffSession, reactivatePerson, setRole } from './change-person.ts'
import { invitationInput } from './input.ts'
import { invitePerson, renewInvitation } from './invite-person.ts'
import { listStaffSessions } from './list-staff-sessions.ts'
import { countPortalAccounts, listPeople } from './list-people.ts'

let cast: Cast
let ada: Actor
const actorOf = (member: CastMember): Actor =>
  brandActor({
    accountId: member.accountId,
    role: member.role,
    displayName: '',
    sessionToken: member.token,
    clientIp: null,
  })

beforeAll(async () => {
  await initialiseKeyStore(env)
  cast = await makeDoorCast()
  ada = actorOf(cast.people.admin)
})
afterAll(() => cast.close())

const eventsAbout = async (accountId: string): Promise<string[]> =>
  (
    await cast.sql.superuser.query<{ event_type: string }>(
      'SELECT event_type FROM audit.security_event_log WHERE subject_account_id = $1 ORDER BY seq',
      [accountId],
    )
  ).rows.map((row) => row.event_type)

describe('an invitation', () => {
  const wendy = {
    name: 'Wendy Park',
    jobTitle: 'Nurse, pediatrics',
    email: 'wendy.park@example.org',
    role: 'nurse' as const,
  }

  test('makes one login per address, however it is spelled', async () => {
    const first = await invitePerson(ada, wendy)
    expect(first.kind).toBe('invited')
    expect(await invitePerson(ada, { ...wendy, email: ' Wendy.Park@Example.org ' })).toEqual({
      kind: 'taken',
    })
    if (first.kind !== 'invited') return
    expect(await eventsAbout(first.accountId)).toEqual(['ACCOUNT_INVITED'])
    const again = await renewInvitation(ada, first.accountId)
    expect(again).not.toBe(first.code)
  })

  test('is refused for a shared mailbox, a half name and roles that are not given by invitation', () => {
    for (const bad of [
      { email: 'nurses@example.org' },
      { email: 'front-desk2@example.org' },
      { name: 'Wendy' },
      { name: '' },
      { role: 'patient' },
      { email: 'x' },
    ]) {
      expect(invitationInput.safeParse({ ...wendy, ...bad }).success, JSON.stringify(bad)).toBe(false)
    }
    expect(invitationInput.safeParse(wendy).success).toBe(true)
  })

  test('and every other change of people is refused to anybody but an administrator', async () => {
    for (const role of ['nurse', 'clinician', 'billing', 'compliance', 'patient', 'proxy'] as const) {
      const actor = actorOf(cast.people[role])
      await expect(invitePerson(actor, { ...wendy, email: `${role}.x@example.org` })).rejects.toThrow()
      await expect(setRole(actor, cast.people.nurse.accountId, 'admin')).rejects.toThrow()
      await expect(deactivatePerson(actor, cast.people.nurse.accountId)).rejects.toThrow()
      await expect(listPeople(actor)).rejects.toThrow()
      await expect(listStaffSessions(actor)).rejects.toThrow()
    }
  })
})

describe('what an administrator sees', () => {
  test('is staff, and of patients a number', async () => {
    const sessions = await listStaffSessions(ada)
    expect(sessions.length).toBeGreaterThan(3)
    const patients = [cast.people.patient.accountId, cast.people.proxy.accountId]
    expect(sessions.filter((session) => patients.includes(session.accountId))).toEqual([])
    expect(await countPortalAccounts(ada)).toEqual([
      { roleName: 'Patient', accounts: 1, openSessions: 1 },
      { roleName: 'Proxy', accounts: 1, openSessions: 1 },
    ])
  })
})

describe('a change of a person', () => {
  test('by role, deactivation and a session end takes effect and is on record', async () => {
    const person = await cast.signIn('nurse', 'Somebody Moving')
    expect(await setRole(ada, person.accountId, 'billing')).toBe(true)
    expect(await setRole(ada, person.accountId, 'billing')).toBe(false)
    expect(await deactivatePerson(ada, person.accountId)).toBe(true)
    expect(await deactivatePerson(ada, person.accountId)).toBe(false)
    expect(await reactivatePerson(ada, person.accountId)).toBe(true)
    expect((await eventsAbout(person.accountId)).slice(-3)).toEqual([
      'ROLE_CHANGED',
      'ACCOUNT_DEACTIVATED',
      'ACCOUNT_REACTIVATED',
    ])
    const [session] = await listStaffSessions(ada, person.accountId)
    expect(session).toMatchObject({ isActive: false, endReason: 'role changed' })
  })

  test('never shuts the administrator out by their own hand, and never touches a patient', async () => {
    expect(await deactivatePerson(ada, cast.people.admin.accountId)).toBe(false)
    expect(await setRole(ada, cast.people.admin.accountId, 'nurse')).toBe(false)
    expect(await setRole(ada, cast.people.patient.accountId, 'nurse')).toBe(false)
    expect(await deactivatePerson(ada, cast.people.patient.accountId)).toBe(false)
  })

  test('two at once end a session once', async () => {
    const person = await cast.signIn('billing', 'Somebody Twice')
    const [session] = await listStaffSessions(ada, person.accountId)
    const results = await Promise.all([
      endStaffSession(ada, session?.sessionId ?? ''),
      endStaffSession(ada, session?.sessionId ?? ''),
    ])
    expect(results.toSorted()).toEqual([false, true])
  })
})
