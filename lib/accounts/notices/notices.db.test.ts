import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endPools } from '#lib/db/pools.ts'
import { makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { countUnreadNotices } from './count-unread-notices.ts'
import { listNotices } from './list-notices.ts'
import { markNoticesRead } from './mark-notices-read.ts'

let cast: Cast
beforeAll(async () => {
  cast = await makeDoorCast()
})
afterAll(async () => {
  await cast.close()
  await endPools()
})

const actorOf = (person: { accountId: string; token: string; role: string }): Actor =>
  brandActor({ accountId: person.accountId, role: person.role as 'nurse', displayName: '', sessionToken: person.token, clientIp: null }) // prettier-ignore

const tell = (account: string, kind: string, reference: string) =>
  cast.sql.superuser.query('SELECT app.notify($1, $2, $3)', [account, kind, reference])

test('a notice reaches the one person it is for; told again it is unread again and stands there once', async () => {
  const nurse = actorOf(cast.people.nurse)
  const reference = randomUUID()
  await tell(nurse.accountId, 'some-kind', reference)
  expect(await listNotices(nurse)).toMatchObject([{ isRead: false, href: null }])
  expect(await countUnreadNotices(nurse)).toBe(1)
  expect(await listNotices(actorOf(cast.people.clinician))).toEqual([])

  const [notice] = await listNotices(nurse)
  expect(await markNoticesRead(actorOf(cast.people.clinician), notice?.id ?? '')).toBe(0)
  expect(await markNoticesRead(actorOf(cast.people.clinician), null)).toBe(0)
  expect(await countUnreadNotices(nurse)).toBe(1)
  expect(await markNoticesRead(nurse, notice?.id ?? '')).toBe(1)
  expect(await countUnreadNotices(nurse)).toBe(0)

  await tell(nurse.accountId, 'some-kind', reference)
  expect(await listNotices(nurse)).toMatchObject([{ isRead: false }])
  expect(await markNoticesRead(nurse, null)).toBe(1)
})

test('everybody of a role is told but the one who did it; patients only one by one', async () => {
  const other = await cast.signIn('compliance', 'Olga Brandt')
  const { rows } = await cast.sql.superuser.query<{ told: number }>(
    `SELECT app.notify_role('compliance', 'some-kind', gen_random_uuid(), $1) AS told`,
    [cast.people.compliance.accountId],
  )
  expect(rows[0]?.told).toBe(1)
  expect(await countUnreadNotices(actorOf(other))).toBe(1)
  expect(await countUnreadNotices(actorOf(cast.people.compliance))).toBe(0)
  await expect(
    cast.sql.superuser.query(`SELECT app.notify_role('patient', 'some-kind', gen_random_uuid())`),
  ).rejects.toMatchObject({ code: '22023' })
})

test('a session that is over reads and changes nothing, and the web login cannot write notices of its own', async () => {
  const nurse = await cast.signIn('nurse', 'Nell Ostrow')
  await tell(nurse.accountId, 'some-kind', randomUUID())
  await cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [nurse.token])
  expect(await listNotices(actorOf(nurse))).toEqual([])
  expect(await countUnreadNotices(actorOf(nurse))).toBe(0)
  expect(await markNoticesRead(actorOf(nurse), null)).toBe(0)
  for (const text of [
    `SELECT app.notify('${nurse.accountId}', 'some-kind', gen_random_uuid())`,
    `SELECT app.notify_role('nurse', 'some-kind', gen_random_uuid())`,
    'SELECT * FROM app.notice',
  ])
    await expect(cast.sql.app.query(text)).rejects.toMatchObject({ code: '42501' })
})
