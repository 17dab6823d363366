import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore, processKeyStore } from '#lib/keys/process-key-store.ts'
import { reportDueKeys } from '#lib/ops/start/report-due-keys.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeLogin, type Login } from '#lib/testing/make-login.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { listKeys } from './list-keys.ts'
import { setKeyPolicy } from './set-key-policy.ts'
import type { KeyKind } from './view.ts'

let superuser: pg.Client
let keystore: pg.Client
let admin: Login

beforeAll(async () => {
  const { urls } = await testDatabase()
  await initialiseKeyStore(env)
  ;[superuser, keystore] = (await Promise.all(
    [urls.superuser, urls.keystore_superuser].map(async (connectionString) => {
      const client = new pg.Client({ connectionString })
      await client.connect()
      return client
    }),
  )) as [pg.Client, pg.Client]
  admin = await makeLogin('admin')
})
afterAll(async () => {
  await endPools()
  await closeProcessKeyStore()
  await Promise.all([superuser.end(), keystore.end()])
})

const kindOf = async (kind: KeyKind) => {
  const found = (await listKeys()).kinds.find((each) => each.kind === kind)
  if (!found) throw new Error(`no ${kind}`)
  return found
}
const events = async (type: string): Promise<Record<string, unknown>[]> =>
  (
    await superuser.query<{ detail: Record<string, unknown> }>(
      'SELECT detail FROM audit.security_event_log WHERE event_type = $1 ORDER BY seq',
      [type],
    )
  ).rows.map((row) => row.detail)
/** An hour past so many days: the database's clock and this process's are not the same to the millisecond. */
const agedDays = (days: number): string => `clock_timestamp() - interval '${days} days 1 hour'`

describe('what an administrator reads about keys', () => {
  test('is every kind, new and in time, and its holder', async () => {
    const { kinds, provider, credentials } = await listKeys()
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'root-key',
      'key-encryption-key',
      'data-key',
      'index-key',
      'database-credentials',
      'session-secret',
    ])
    for (const kind of kinds) expect(kind).toMatchObject({ standing: 'ok', ageDays: 0, progress: '' })
    expect(provider).toMatchObject({ name: 'A key ring on disk', health: 'ok' })
    expect(provider.serial).toBeGreaterThan(0)
    expect(credentials).toHaveLength(11)
  })

  test('names keys by version, and no key, owner or patient', async () => {
    const text = JSON.stringify(await listKeys())
    const { rows } = await keystore.query<{ owner_id: string; wrapped: Buffer | null }>(
      'SELECT owner_id, wrapped FROM keys.data_key',
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const { owner_id, wrapped } of rows) {
      expect(text).not.toContain(owner_id)
      for (const form of ['base64', 'base64url', 'hex'] as const)
        if (wrapped) expect(text).not.toContain(wrapped.toString(form).slice(0, 20))
    }
  })

  test('tells old data keys by number, and the oldest counts', async () => {
    await (await processKeyStore()).dataKeyForWriting('owner-of-an-old-key')
    const set = (time: string) =>
      keystore.query(`UPDATE keys.data_key SET created_at = ${time} WHERE owner_id = 'owner-of-an-old-key'`)
    await set(agedDays(731))
    const kind = await kindOf('data-key')
    expect(kind).toMatchObject({ standing: 'overdue', ageDays: 731 })
    expect(kind.progress).toContain('1 of ')
    await set('clock_timestamp()')
    expect(await kindOf('data-key')).toMatchObject({ standing: 'ok', progress: '' })
  })

  test('tells a root key that was renewed from one that is as old as its key ring', async () => {
    expect((await kindOf('root-key')).ageDays).toBe(0)
    const before = (await kindOf('root-key')).madeAt ?? ''
    await superuser.query(
      `SELECT audit.record_event('ROOT_KEY_RENEWED', NULL, NULL, NULL, NULL, '{}', 'DONE', NULL)`,
    )
    expect(Date.parse((await kindOf('root-key')).madeAt ?? '')).toBeGreaterThan(Date.parse(before))
  })

  test('is told without the key store too, ages of keys left unknown', async () => {
    await closeProcessKeyStore()
    const database = pg.escapeIdentifier(new URL(env.keystoreUrl ?? '').pathname.slice(1))
    await keystore.query(`ALTER DATABASE ${database} CONNECTION LIMIT 0`)
    try {
      const { kinds, provider } = await listKeys()
      expect(provider).toMatchObject({ health: 'unreachable', serial: null, name: 'Not known now' })
      expect(kinds.filter(({ standing }) => standing === 'unknown').map(({ kind }) => kind)).toEqual([
        'root-key',
        'key-encryption-key',
        'data-key',
        'index-key',
      ])
    } finally {
      await keystore.query(`ALTER DATABASE ${database} CONNECTION LIMIT -1`)
    }
  })
})

describe('the schedule', () => {
  test('is changed by an administrator with a fresh second factor, and written down', async () => {
    expect(
      await setKeyPolicy(admin.actor, [
        { kind: 'key-encryption-key', days: 100, reminderDays: 10 },
        { kind: 'data-key', days: 730, reminderDays: 30 },
      ]),
    ).toEqual([])
    expect(await kindOf('key-encryption-key')).toMatchObject({
      daysMax: 100,
      reminderDays: 10,
      daysLimit: 365,
    })
    // What stays as it was is no event.
    expect(await events('KEY_POLICY_CHANGED')).toEqual([
      { kind: 'key-encryption-key', daysBefore: 365, days: 100, reminderDaysBefore: 30, reminderDays: 10 },
    ])
  })

  test('is never laxer than Vigil allows, whoever asks', async () => {
    for (const input of [
      { kind: 'key-encryption-key', days: 366, reminderDays: 10 },
      { kind: 'session-secret', days: 0, reminderDays: 1 },
      { kind: 'session-secret', days: 10, reminderDays: 11 },
      { kind: 'session-secret', days: 90, reminderDays: 91 },
    ] as const)
      expect(await setKeyPolicy(admin.actor, [input])).toEqual([input.kind])
    await expect(
      superuser.query(`UPDATE app.key_policy SET days_max = days_limit + 1 WHERE kind = 'data-key'`),
    ).rejects.toMatchObject({ code: '23514' })
  })

  test('stays as it is for other roles, and without a fresh second factor', async () => {
    const input = [{ kind: 'data-key', days: 5, reminderDays: 1 }] as const
    for (const role of ['nurse', 'clinician', 'billing', 'compliance', 'patient', 'proxy'] as const) {
      const { actor } = await makeLogin(role)
      await expect(setKeyPolicy(actor, input)).rejects.toMatchObject({
        causeName: expect.stringContaining('42501') as string,
      })
    }
    const stale = await makeLogin('admin')
    await superuser.query(
      `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE account_id = $1`,
      [stale.accountId],
    )
    await expect(setKeyPolicy(stale.actor, input)).rejects.toMatchObject({
      causeName: expect.stringContaining('42501') as string,
    })
    expect(await kindOf('data-key')).toMatchObject({ daysMax: 730 })
    await expect(appQuery(`UPDATE app.key_policy SET days_max = 1`)).rejects.toMatchObject({ code: '42501' })
  })
})

describe('reminders', () => {
  test('come once a day per kind, first as due and then as overdue', async () => {
    expect(await reportDueKeys()).toEqual([])
    await superuser.query(`UPDATE app.credential SET changed_at = ${agedDays(80)} WHERE name = 'worker'`)
    expect(await reportDueKeys()).toEqual([{ kind: 'database-credentials', state: 'due', ageDays: 80 }])
    expect(await reportDueKeys()).toEqual([])
    await superuser.query(`UPDATE app.credential SET changed_at = ${agedDays(91)} WHERE name = 'worker'`)
    const both = await Promise.all([reportDueKeys(), reportDueKeys()])
    expect(both.flat()).toEqual([{ kind: 'database-credentials', state: 'overdue', ageDays: 91 }])
    expect(await events('KEY_ROTATION_DUE')).toEqual([{ kind: 'database-credentials', ageDays: 80 }])
    expect(await events('KEY_ROTATION_OVERDUE')).toEqual([{ kind: 'database-credentials', ageDays: 91 }])
  })

  test('end with the renewal, which only the operator on the server can note', async () => {
    const note = 'SELECT app.credential_changed($1, $2, false) AS done'
    await expect(appQuery(note, [admin.actor.sessionToken, 'worker'])).rejects.toMatchObject({
      code: '42501',
    })
    await expect(appQuery(note, [admin.actor.sessionToken, 'worker'], 'worker')).rejects.toMatchObject({
      code: '42501',
    })
    await asService('people', (operator) => appQuery(note, [operator.sessionToken, 'worker'], 'worker'))
    expect(await kindOf('database-credentials')).toMatchObject({ standing: 'ok', ageDays: 0 })
    expect(await reportDueKeys()).toEqual([])
  })
})
