import { afterAll, beforeAll, expect, test } from 'vitest'

import { requestVerification } from '#lib/audit/integrity.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { env } from '#lib/env.ts'
import { openClient } from '#lib/db/open-client.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey } from '#lib/ops/seal/seal-key.ts'
import { verifyWhenDue } from '#lib/ops/seal/verify-when-due.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { makeDoorCast, type Cast, type CastMember } from '#lib/testing/door-cast.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { openIntegrity } from './open-integrity.ts'

let cast: Cast
beforeAll(async () => {
  cast = await makeDoorCast()
  makeMissingSealKey(env.home, 'http://localhost:3000')
})
afterAll(() => cast.close())

const actorOf = ({ accountId, token, role }: CastMember): Actor =>
  brandActor({ accountId, role, displayName: 'x', sessionToken: token, clientIp: '10.0.0.7' })
const events = async (name: string) =>
  (
    await cast.sql.superuser.query<{ actor_role: string | null; outcome: string }>(
      `SELECT actor_role, outcome FROM audit.security_event_log WHERE event_type = $1 ORDER BY seq`,
      [name],
    )
  ).rows

async function seal(): Promise<void> {
  const client = await openClient((await testDatabase()).urls.sealer, {})
  try {
    const anchor = openFileAnchor(anchorFile(env.home))
    await sealAll(new Sealer(client, (number) => readSealKey(env.home, number), anchor), cast.sql.superuser)
  } finally {
    await client.end()
  }
}

/** Lets the sealer's process do what is due, until nothing is. */
async function verifyNow(): Promise<void> {
  const stopping = new AbortController()
  const anchors = [openFileAnchor(anchorFile(env.home))]
  const url = (await testDatabase()).urls.sealer
  const running = verifyWhenDue({ url, home: env.home, anchors, signal: stopping.signal })
  for (;;) {
    const { rows } = await cast.sql.superuser.query<{ open: string }>(
      'SELECT count(*) AS open FROM audit.verification_run WHERE finished_at IS NULL',
    )
    const { rows: all } = await cast.sql.superuser.query('SELECT 1 FROM audit.verification')
    if (rows[0]?.open === '0' && all.length > 0) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  stopping.abort()
  await running
}

test('a compliance officer sees how the seal stands, and asks for a check; each of it is an event', async () => {
  const carla = actorOf(cast.people.compliance)
  expect(await openIntegrity(carla)).toMatchObject({ entries: 0, verified: null, findings: [], run: null })
  await seal()
  await verifyNow()
  const first = await openIntegrity(carla)
  expect(first).toMatchObject({ verified: { ok: true }, isStale: false, witnesses: null, run: null })
  expect(first?.history).toMatchObject([{ what: 'All entries', why: 'First check of this tree', ok: true }])
  expect(first?.places).toMatchObject([{ what: 'File beside the database', state: 'good' }])
  expect(first?.checkpoints[0]?.keptBy).toEqual(['file'])

  // Two at once: one is kept, the other learns that it runs.
  const asked = await Promise.all([requestVerification(carla, 'full'), requestVerification(carla, 'since')])
  expect(asked.toSorted()).toEqual(['requested', 'running'])
  expect((await openIntegrity(carla))?.run).toMatchObject({ hasStarted: false, percent: 0 })
  expect(await events('AUDIT_VERIFICATION_REQUESTED')).toEqual([
    { actor_role: 'compliance', outcome: 'DONE' },
  ])
  expect((await events('AUDIT_INTEGRITY_OPENED')).map((each) => each.outcome)).toEqual([
    'DONE',
    'DONE',
    'DONE',
  ])
})

test('what a check finds is said in words, until a check of everything finds nothing', async () => {
  const carla = actorOf(cast.people.compliance)
  await cast.sql.superuser.query('SET session_replication_role = replica')
  await cast.sql.superuser.query(
    `UPDATE audit.security_event_log SET outcome = 'REFUSED' WHERE seq = (SELECT min(seq) FROM audit.security_event_log)`,
  )
  await cast.sql.superuser.query(`UPDATE audit.verification_run SET mode = 'full' WHERE finished_at IS NULL`)
  await cast.sql.superuser.query('SET session_replication_role = origin')
  await verifyNow()
  const view = await openIntegrity(carla)
  expect(view?.verified?.ok).toBe(false)
  expect(view?.findings).toMatchObject([{ title: 'An entry was changed after it was sealed' }])
  expect(view?.findings[0]?.where).toMatch(/^entry [0-9a-f-]{36}, place [0-9]+$/)
  expect(view?.history[0]).toMatchObject({ ok: false, findings: 1, why: 'Asked for here' })
  const told = await cast.sql.app.query<{ kind: string }>('SELECT kind FROM app.my_notices($1, 10)', [
    carla.sessionToken,
  ])
  expect(told.rows).toEqual([{ kind: 'trail-changed' }])
})

test('nobody else sees it or asks for it, and refusals are events', async () => {
  const dead = actorOf(await cast.signIn('compliance'))
  await cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [dead.sessionToken])
  const before = (await events('AUDIT_INTEGRITY_OPENED')).length
  const others = [
    ...(['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin'] as const).map((role) => actorOf(cast.people[role])),
    dead,
    { ...dead, sessionToken: 'x'.repeat(10_000_000) },
  ] // prettier-ignore
  for (const other of others) {
    expect(await openIntegrity(other)).toBeNull()
    expect(await requestVerification(other, 'full')).toBe('refused')
  }
  const opened = (await events('AUDIT_INTEGRITY_OPENED')).slice(before)
  expect(opened.map(({ outcome }) => outcome)).toEqual(others.map(() => 'REFUSED'))
  const asked = (await events('AUDIT_VERIFICATION_REQUESTED')).filter(({ outcome }) => outcome === 'REFUSED')
  expect(asked).toHaveLength(others.length)
  // The functions of the sealer are not the web process's to call.
  for (const call of [
    'audit.take_verification()',
    'audit.end_verification(1, NULL, NULL)',
    `audit.note_anchor('file', 'file', 1, NULL)`,
    'audit.note_publication(1, 1, 0, 0)',
  ])
    await expect(cast.sql.app.query(`SELECT ${call}`)).rejects.toMatchObject({ code: '42501' })
})
