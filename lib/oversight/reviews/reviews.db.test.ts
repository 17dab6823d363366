import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sweepReviews } from '#lib/ops/work/sweep-reviews.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { CastMember } from '#lib/testing/door-cast.ts'
import { makeSignInCast, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { admit, fakeCiphertext } from '#lib/testing/door-cast.ts'
import { answerItem } from './answer-item.ts'
import { listReviews } from './list-reviews.ts'
import { openReview } from './open-review.ts'
import { signReview } from './sign-review.ts'
import { startReview } from './start-review.ts'
import type { ReviewItemView, ReviewView } from './view.ts'

// What would be lost if these failed: access that nobody needs would stay; or one person could end everybody's, their own
// included or excluded, without a word in the log.

let cast: SignInCast
let carla: CastMember
let second: CastMember
const day = 24 * 3600

beforeAll(async () => {
  cast = await makeSignInCast()
  carla = cast.people.compliance
  second = await cast.signIn('compliance', 'Second Officer')
})
afterAll(() => cast.close())

const actorOf = (member: CastMember): Actor =>
  ({
    accountId: member.accountId,
    sessionToken: member.token,
    role: member.role,
    clientIp: '10.0.0.7',
  }) as Actor
const open = async (reviewId: string, as = carla): Promise<ReviewView> => {
  const review = await openReview(actorOf(as), reviewId)
  if (!review) throw new Error('no review')
  return review
}
const itemOf = (review: ReviewView, name: string): ReviewItemView => {
  const item = review.items.find((each) => each.name === name)
  if (!item) throw new Error(`no ${name}`)
  return item
}
const statusOf = async (accountId: string): Promise<{ role: string; status: string } | undefined> =>
  (
    await cast.sql.superuser.query<{ role: string; status: string }>(
      'SELECT role, status FROM app.account WHERE id = $1',
      [accountId],
    )
  ).rows[0]
const stateOf = async (token: string): Promise<string | undefined> =>
  (await cast.sql.app.query<{ state: string }>('SELECT state FROM app.session_peek($1)', [token])).rows[0]
    ?.state
const start = async (scope: 'privileged' | 'standard', days = 14): Promise<string> => {
  const started = await startReview(actorOf(carla), scope, days)
  if ('refusal' in started) throw new Error(started.refusal)
  return started.reviewId
}
/** Everybody signs in again once the clock was moved: a session rests fifteen minutes at most. */
const renew = async (member: CastMember): Promise<CastMember> => {
  const token = randomUUID()
  await cast.sql.app.query(
    `SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', NULL, 'test')`,
    [member.accountId, token],
  )
  return { ...member, token }
}
const later = async (seconds: number): Promise<void> => {
  await cast.advanceClock(seconds)
  carla = await renew(carla)
  second = await renew(second)
}
const answer = (item: ReviewItemView, decision: 'keep' | 'change' | 'revoke', as = carla, newRole = '') =>
  answerItem(actorOf(as), {
    itemId: item.itemId,
    decision,
    newRole: newRole as 'nurse',
    note: decision === 'keep' ? '' : 'She left the clinic in March.',
  })

describe('who may', () => {
  test('start, read, answer or sign a review: compliance officers with a fresh code, and every refusal is written down', async () => {
    for (const role of ['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin'] as const) {
      const actor = actorOf(cast.people[role])
      expect(await startReview(actor, 'standard', 14), role).toEqual({ refusal: 'not-allowed' })
      expect(await listReviews(actor), role).toEqual([])
    }
    expect(await startReview({ ...actorOf(carla), sessionToken: 'x' }, 'standard', 14)).toEqual({
      refusal: 'no-session',
    })
    for (const days of [0, 6, 61, -1])
      expect(await startReview(actorOf(carla), 'standard', days)).toEqual({ refusal: 'not-possible' })
    await cast.advanceClock(6 * 60)
    expect(await startReview(actorOf(carla), 'standard', 14)).toEqual({ refusal: 'code-too-old' })
    const refused = (await cast.eventsOf(carla.accountId)).filter(
      ({ event }) => event === 'ACCESS_REVIEW_REFUSED',
    )
    expect(refused.at(-1)?.detail).toEqual({ step: 'start', reason: 'code-too-old' })
    await later(1)
  })

  test('of two who start at once one does', async () => {
    const both = await Promise.all([
      startReview(actorOf(carla), 'standard', 14),
      startReview(actorOf(second), 'standard', 14),
    ])
    expect(both.filter((each) => 'refusal' in each)).toEqual([{ refusal: 'open-already' }])
    const [review] = await listReviews(actorOf(carla))
    expect(review).toMatchObject({ scope: 'standard', state: 'open', accounts: 3, unanswered: 3 })
    expect(await openReview(actorOf(cast.people.admin), review?.reviewId ?? '')).toBeNull()
  })
})

describe('an answer', () => {
  test('sees what each did, and ends, changes or keeps the access at once', async () => {
    await admit(cast.sql.app, cast.people.nurse, 'chart-summary', 'READ', [cast.maria])
    const leaver = await cast.signIn('nurse', 'Lena Leaver')
    const mover = await cast.signIn('clinician', 'Mo Mover')
    await cast.sql.superuser.query(
      'UPDATE audit.access_review SET closed_at = app.now() WHERE signed_at IS NULL',
    )
    const reviewId = await start('standard')
    const review = await open(reviewId)
    expect(itemOf(review, 'Nadia Osei').evidence).toContainEqual({
      label: 'Refused',
      value: expect.any(String),
    })
    expect(itemOf(review, 'Lena Leaver').unused.length).toBeGreaterThan(3)

    expect(await answer(itemOf(review, 'Nadia Osei'), 'keep')).toBeNull()
    expect(await answer(itemOf(review, 'Lena Leaver'), 'revoke')).toBeNull()
    expect(await answer(itemOf(review, 'Mo Mover'), 'change', carla, 'nurse')).toBeNull()
    expect(await statusOf(leaver.accountId)).toEqual({ role: 'nurse', status: 'deactivated' })
    expect(await statusOf(mover.accountId)).toEqual({ role: 'nurse', status: 'active' })
    expect(await stateOf(leaver.token)).toBe('ended')
    expect(await stateOf(mover.token)).toBe('ended')
    expect((await cast.eventsOf(leaver.accountId)).slice(-2).map(({ event }) => event)).toEqual([
      'ACCOUNT_DEACTIVATED',
      'ACCESS_REVIEW_ANSWERED',
    ])

    const again = await open(reviewId)
    expect(itemOf(again, 'Lena Leaver').answer).toMatchObject({
      text: 'Access ended',
      by: 'Carla Nwosu',
      note: 'She left the clinic in March.',
    })
    expect(await answer(itemOf(again, 'Lena Leaver'), 'keep', second)).toBe('answered-already')
    // what was written about a colleague is nowhere in the clear
    const { rows } = await cast.sql.superuser.query<{ text: string }>(
      `SELECT i::text AS text FROM audit.access_review_item i UNION ALL SELECT e::text FROM audit.security_event_log e UNION ALL SELECT t::text FROM app.sealed_text t`,
    )
    expect(rows.filter(({ text }) => text.includes('left the clinic'))).toEqual([])
  })

  test('is not given for oneself, without a reason, to a privileged role, twice at once, or with an old code', async () => {
    const reviewId = await start('privileged')
    const review = await open(reviewId)
    const own = itemOf(review, 'Carla Nwosu')
    expect(own.isSelf).toBe(true)
    expect(await answer(own, 'keep')).toBe('same-person')
    const decide = (decision: string, role: string | null, note: string | null) =>
      cast.sql.app
        .query<{ refusal: string | null }>(
          'SELECT audit.review_decide($1, $2, $3, $4, $5, $6, NULL) AS refusal',
          [carla.token, itemOf(review, 'Second Officer').itemId, decision, role, note && randomUUID(), note],
        )
        .then(({ rows }) => rows[0]?.refusal)
    expect(await decide('revoke', null, null)).toBe('note-missing')
    expect(await decide('change', 'admin', fakeCiphertext())).toBe('role-missing')
    expect(await decide('change', 'compliance', fakeCiphertext())).toBe('role-missing')
    expect(await decide('erase', null, fakeCiphertext())).toBe('not-possible')
    expect(await decide('revoke', null, `phi1.00000001.${'A'.repeat(12_000)}`)).toBe('not-possible')
    // the database itself, whatever a function says
    await expect(
      cast.sql.superuser.query(
        `UPDATE audit.access_review_item SET decision = 'keep', decided_at = now(), outcome = 'kept', decided_by = account_id WHERE item_id = $1`,
        [own.itemId],
      ),
    ).rejects.toMatchObject({ code: '23514' })
    const item = itemOf(review, 'Second Officer')
    const [first, other] = await Promise.all([answer(item, 'keep'), answer(item, 'keep')])
    expect([first, other].toSorted()).toEqual(['answered-already', null])
  })

  test('never takes the last administrator away', async () => {
    const [privileged] = await listReviews(actorOf(carla))
    const review = await open(privileged?.reviewId ?? '')
    expect(await answer(itemOf(review, 'Ada Lindqvist'), 'revoke')).toBe('last-of-role')
    // another one who leaves next month will not be there to undo it
    const leaver = await cast.addPerson('admin')
    await cast.sql.superuser.query(
      `UPDATE app.account SET ends_at = app.now() + interval '30 days' WHERE id = $1`,
      [leaver.accountId],
    )
    expect(await answer(itemOf(review, 'Ada Lindqvist'), 'revoke')).toBe('last-of-role')
    expect(await answer(itemOf(review, 'Ada Lindqvist'), 'change', carla, 'nurse')).toBe('last-of-role')
    expect(await statusOf(cast.people.admin.accountId)).toEqual({ role: 'admin', status: 'active' })
  })

  test('stays: neither the owner nor a later answer changes it', async () => {
    await expect(
      cast.sql.superuser.query(
        `UPDATE audit.access_review_item SET outcome = 'kept' WHERE outcome = 'revoked'`,
      ),
    ).rejects.toMatchObject({ code: '42501' })
    await expect(cast.sql.superuser.query('DELETE FROM audit.access_review_item')).rejects.toMatchObject({
      code: '42501',
    })
    await expect(cast.sql.app.query('SELECT * FROM audit.access_review_item')).rejects.toMatchObject({
      code: '42501',
    })
  })
})

describe('a deadline', () => {
  test('reminds before it, then ends what nobody answered, and leaves the last of a role', async () => {
    const [privileged] = await listReviews(actorOf(carla))
    const reviewId = privileged?.reviewId ?? ''
    const reminders = async (): Promise<unknown[]> =>
      (
        await cast.sql.superuser.query<{ n: string }>(
          `SELECT detail ->> 'reminder' AS n FROM audit.security_event_log WHERE event_type = 'ACCESS_REVIEW_REMINDED' AND detail ->> 'review' = $1 ORDER BY seq`,
          [reviewId],
        )
      ).rows.map(({ n }) => n)
    await sweepReviews()
    expect(await reminders()).toEqual([])
    await later(8 * day)
    await Promise.all([sweepReviews(), sweepReviews()])
    expect(await reminders()).toEqual(['1'])
    await later(6 * day + 60)
    await Promise.all([sweepReviews(), sweepReviews()])
    const review = await open(reviewId, second)
    expect(review).toMatchObject({ isOpen: false, unanswered: 0 })
    expect(itemOf(review, 'Ada Lindqvist').answer).toMatchObject({
      text: 'Left: nobody else has this role',
      by: null,
    })
    expect(await statusOf(cast.people.admin.accountId)).toEqual({ role: 'admin', status: 'active' })
    // the other officer was answered for, so this one is not the last and is ended like anybody
    expect(itemOf(review, 'Carla Nwosu').answer).toMatchObject({ text: 'Access ended', by: null })
    expect(await stateOf(carla.token)).toBe('ended')
    expect((await statusOf(second.accountId))?.status).toBe('active')
    const standard = (await listReviews(actorOf(second))).find(
      ({ scope, state }) => scope === 'standard' && state === 'to-sign',
    )
    expect(standard?.unanswered).toBe(0)
  })

  test('lets nobody answer later', async () => {
    const [any] = await listReviews(actorOf(second))
    expect(
      await answer(itemOf(await open(any?.reviewId ?? '', second), 'Ada Lindqvist'), 'keep', second),
    ).toBe('answered-already')
  })
})

describe('a signature', () => {
  test('is over the answers as they stand, stands in the log, and shows when one is changed', async () => {
    const review = (await listReviews(actorOf(second))).find(({ scope }) => scope === 'privileged')
    const reviewId = review?.reviewId ?? ''
    expect(await signReview(actorOf(cast.people.nurse), reviewId)).not.toBeNull()
    expect(await signReview(actorOf(second), randomUUID())).toBe('no-such-review')
    expect(await signReview(actorOf(second), reviewId)).toBeNull()
    expect(await signReview(actorOf(second), reviewId)).toBe('signed-already')
    const signed = await open(reviewId, second)
    expect(signed.signature).toMatchObject({ by: 'Second Officer', holds: true })
    const event = (await cast.eventsOf(second.accountId)).find(
      ({ event: name }) => name === 'ACCESS_REVIEW_SIGNED',
    )
    expect(event?.detail).toMatchObject({ review: reviewId, digest: signed.signature?.digest })
    // control: somebody who owns the server changes an answer afterwards
    await cast.sql.superuser.query('SET session_replication_role = replica')
    await cast.sql.superuser.query(
      `UPDATE audit.access_review_item SET outcome = 'kept' WHERE review_id = $1 AND outcome = 'revoked'`,
      [reviewId],
    )
    await cast.sql.superuser.query('SET session_replication_role = origin')
    expect((await open(reviewId, second)).signature?.holds).toBe(false)
  })

  test('is refused while somebody is not answered for', async () => {
    carla = second
    const third = await cast.addPerson('compliance')
    second = await renew({ accountId: third.accountId, role: 'compliance', token: '' })
    const reviewId = await start('privileged', 7)
    expect(await signReview(actorOf(carla), reviewId)).toBe('unanswered')
  })
})

test('what a person began comes again: privileged roles after three months, the others after a year', async () => {
  const started = async (): Promise<string[]> =>
    (
      await cast.sql.superuser.query<{ scope: string }>(
        'SELECT scope FROM audit.access_review WHERE started_by IS NULL ORDER BY started_at, scope',
      )
    ).rows.map(({ scope }) => scope)
  await cast.advanceClock(8 * day)
  await sweepReviews()
  expect(await started()).toEqual([])
  await cast.advanceClock(86 * day)
  await sweepReviews()
  await sweepReviews()
  expect(await started()).toEqual(['privileged'])
  await cast.advanceClock(280 * day)
  await sweepReviews()
  expect(await started()).toContain('standard')
})
