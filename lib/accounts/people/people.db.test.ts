import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { env } from '#lib/env.ts'
import { type Cast, type CastMember, makeDoorCast } from '#lib/testing/door-cast.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { clinic } from '#lib/clinic.ts'
import { deactivatePerson, endStaffSession, reactivatePerson, setLastDay, setRole } from './change-person.ts'
import { readEmploymentEnd, readLeaverClock } from './leaver-clock.ts'
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

  test('of an administrator or officer, and making somebody one, is told to all who are, and not silent', async () => {
    const told = async (member: CastMember) =>
      (
        await appQuery<{ kind: string; reference: string }>('SELECT * FROM app.my_notices($1, 50)', [
          member.token,
        ])
      ).map(({ kind, reference }) => `${kind} ${reference}`)
    const invited = await invitePerson(ada, { ...wendy, email: 'second.ada@example.org', role: 'admin' })
    const nurse = await invitePerson(ada, { ...wendy, email: 'nora.park@example.org' })
    if (invited.kind !== 'invited' || nurse.kind !== 'invited') throw new Error('not invited')
    const { admin, compliance } = cast.people
    expect(await told(admin)).toEqual([`privileged-role ${invited.accountId}`])
    expect(await told(compliance)).toEqual([`privileged-role-given ${invited.accountId}`])
    expect(await setRole(ada, nurse.accountId, 'compliance')).toBe('done')
    expect(await told(admin)).toContain(`privileged-role ${nurse.accountId}`)
    // being let in again is being given it again; a code that is made again is not
    expect(await deactivatePerson(ada, nurse.accountId)).toBe('done')
    await cast.sql.superuser.query('DELETE FROM app.notice')
    await renewInvitation(ada, invited.accountId)
    expect(await told(admin)).toEqual([])
    expect(await reactivatePerson(ada, nurse.accountId)).toBe('done')
    expect(await told(compliance)).toEqual([`privileged-role-given ${nurse.accountId}`])
    await cast.sql.superuser.query('DELETE FROM app.notice')
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
    expect(await setRole(ada, person.accountId, 'billing')).toBe('done')
    expect(await setRole(ada, person.accountId, 'billing')).toBe('nothing')
    expect(await deactivatePerson(ada, person.accountId)).toBe('done')
    expect(await deactivatePerson(ada, person.accountId)).toBe('nothing')
    expect(await reactivatePerson(ada, person.accountId)).toBe('done')
    expect((await eventsAbout(person.accountId)).slice(-3)).toEqual([
      'ROLE_CHANGED',
      'ACCOUNT_DEACTIVATED',
      'ACCOUNT_REACTIVATED',
    ])
    const [session] = await listStaffSessions(ada, person.accountId)
    expect(session).toMatchObject({ isActive: false, endReason: 'role changed' })
  })

  test('never shuts the administrator out by their own hand, and never touches a patient', async () => {
    expect(await deactivatePerson(ada, cast.people.admin.accountId)).toBe('nothing')
    expect(await setRole(ada, cast.people.admin.accountId, 'nurse')).toBe('nothing')
    expect(await setRole(ada, cast.people.patient.accountId, 'nurse')).toBe('nothing')
    expect(await deactivatePerson(ada, cast.people.patient.accountId)).toBe('nothing')
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

describe('what gives rights', () => {
  test('waits for a fresh second factor in the database, whatever the page thought; taking away does not', async () => {
    const admin = actorOf(await cast.signIn('admin', 'Old Code'))
    const person = await cast.signIn('nurse', 'Somebody Waiting')
    await cast.sql.superuser.query(
      `UPDATE app.session SET second_factor_at = second_factor_at - interval '6 minutes' WHERE account_id = $1`,
      [admin.accountId],
    )
    expect(await setRole(admin, person.accountId, 'clinician')).toBe('code-needed')
    expect(await setLastDay(admin, person.accountId, '2031-01-31')).toBe('code-needed')
    await expect(
      invitePerson(admin, { name: 'Not Yet', jobTitle: '', email: 'not.yet@example.org', role: 'admin' }),
    ).rejects.toThrow()
    expect(await deactivatePerson(admin, person.accountId)).toBe('done')
    expect(await reactivatePerson(admin, person.accountId)).toBe('code-needed')
  })
})

describe('the last day', () => {
  test('ends every access by itself, at midnight by the clinic’s clock, and signing in as well', async () => {
    const person = await cast.signIn('nurse', 'Somebody Leaving')
    const standing = async () =>
      (
        await cast.sql.superuser.query<{ state: string }>('SELECT state FROM app.session_peek($1)', [
          person.token,
        ])
      ).rows[0]?.state
    const { rows } = await cast.sql.superuser.query<{ today: string; tomorrow: string; yesterday: string }>(
      `SELECT d::text AS today, (d + 1)::text AS tomorrow, (d - 1)::text AS yesterday FROM (SELECT (app.now() AT TIME ZONE $1)::date AS d) x`,
      [clinic.timeZone],
    )
    const [day] = rows
    expect(await setLastDay(ada, person.accountId, day?.today ?? '')).toBe('done')
    expect(await standing()).toBe('active')
    expect((await readEmploymentEnd(ada, person.accountId))?.lastDay).toBe(day?.today)
    expect(await setLastDay(ada, person.accountId, day?.yesterday ?? '')).toBe('done')
    expect(await standing()).toBe('ended')
    const [begun] = await appQuery<{ status: string }>('SELECT status FROM app.sign_in_secrets($1)', [
      person.accountId,
    ])
    expect(begun?.status).toBe('deactivated')
    await expect(openSession(person.accountId, 'totp', { ip: null, userAgent: null })).rejects.toThrow()
    expect(await setLastDay(ada, person.accountId, null)).toBe('done')
    expect(await standing()).toBe('active')
    expect(
      (await eventsAbout(person.accountId)).filter((event) => event === 'EMPLOYMENT_END_SET'),
    ).toHaveLength(3)
  })

  test('is nobody’s own to set, nor a patient’s, nor that of the last administrator', async () => {
    expect(await setLastDay(ada, ada.accountId, '2031-01-31')).toBe('nothing')
    expect(await setLastDay(ada, cast.people.patient.accountId, '2031-01-31')).toBe('nothing')
    expect(await setLastDay(ada, cast.people.nurse.accountId, '2099-01-31')).toBe('nothing')
  })
})

describe('the last administrator', () => {
  test('stays, also when two administrators remove each other at the same moment', async () => {
    const two = [
      actorOf(await cast.signIn('admin', 'First Admin')),
      actorOf(await cast.signIn('admin', 'Second Admin')),
    ]
    const others = await cast.sql.superuser.query<{ id: string }>(
      `UPDATE app.account SET status = 'deactivated', deactivated_at = now() WHERE role = 'admin' AND status = 'active' AND id <> ALL ($1::uuid[]) RETURNING id`,
      [two.map(({ accountId }) => accountId)],
    )
    try {
      const outcomes = await Promise.all([
        deactivatePerson(two[0]!, two[1]!.accountId).catch(() => 'refused'),
        deactivatePerson(two[1]!, two[0]!.accountId).catch(() => 'refused'),
      ])
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
      const { rows } = await cast.sql.superuser.query(
        `SELECT id FROM app.account WHERE role = 'admin' AND status = 'active'`,
      )
      expect(rows).toHaveLength(1)
    } finally {
      await cast.sql.superuser.query(
        `UPDATE app.account SET status = 'active', deactivated_at = NULL WHERE id = ANY ($1::uuid[])`,
        [others.rows.map(({ id }) => id)],
      )
    }
  })
})

describe('the leaver clock', () => {
  test('tells from the trail that nothing was allowed afterwards, and when the first attempt was refused', async () => {
    const person = await cast.signIn('nurse', 'Somebody Clocked')
    expect(await readLeaverClock(ada, person.accountId)).toBeNull()
    await deactivatePerson(ada, person.accountId)
    expect(await readLeaverClock(ada, person.accountId)).toMatchObject({
      by: 'closing',
      allowedAfter: 0,
      firstRefused: null,
    })
    const refused = await cast.sql.app.query<{ denied_reason: string }>(
      `SELECT denied_reason FROM audit.admit($1, gen_random_uuid(), 'READ', 'chart-summary', '{}', ARRAY[$2]::uuid[], NULL, NULL, NULL, NULL, NULL)`,
      [person.token, cast.maria],
    )
    expect(refused.rows[0]?.denied_reason).toBe('session-ended')
    const clock = await readLeaverClock(ada, person.accountId)
    expect(clock).toMatchObject({ allowedAfter: 0, refused: 1 })
    expect(clock?.firstRefused?.afterMilliseconds).toBeGreaterThanOrEqual(0)
  })

  test('runs for a last day as well, from when the access ended by itself', async () => {
    const person = await cast.signIn('nurse', 'Somebody Retired')
    expect(await setLastDay(ada, person.accountId, '2020-01-31')).toBe('done')
    await cast.sql.app.query(
      `SELECT audit.admit($1, gen_random_uuid(), 'READ', 'chart-summary', '{}', ARRAY[$2]::uuid[], NULL, NULL, NULL, NULL, NULL)`,
      [person.token, cast.maria],
    )
    expect(await readLeaverClock(ada, person.accountId)).toMatchObject({
      by: 'last-day',
      allowedAfter: 0,
      refused: 1,
    })
    await setLastDay(ada, person.accountId, '2031-01-31')
    expect(await readLeaverClock(ada, person.accountId)).toBeNull()
  })

  test('is for administrators', async () => {
    await expect(readLeaverClock(actorOf(cast.people.nurse), cast.people.nurse.accountId)).rejects.toThrow()
  })
})
