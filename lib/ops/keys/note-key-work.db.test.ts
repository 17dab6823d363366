import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { noteKeyWork } from './note-key-work.ts'

let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const noted = async () =>
  (await records.raw("SELECT FROM audit.security_event_log WHERE event_type ~ '^(KEK_|ROOT_KEY_|RECOVERY_|KEYRING_)'")).length // prettier-ignore
const note = (token: string, event: string, detail: unknown, login: 'worker' | 'app' = 'worker') =>
  appQuery('SELECT app.note_key_work($1, $2, $3)', [token, event, JSON.stringify(detail)], login)

test('writes numbers, versions, names and ids', async () => {
  await noteKeyWork('KEK_ROTATION_ENDED', {
    provider: 'aws-kms',
    version: 12,
    left: 0,
    keyring: randomUUID(),
  })
  expect(await noted()).toBe(1)
})

test.each([
  ['a longer text', 'ROOT_KEY_MOVED', { to: 'x'.repeat(37) }],
  ['a key', 'ROOT_KEY_MOVED', { key: Buffer.alloc(32, 7).toString('base64url') }],
  ['a sentence', 'ROOT_KEY_MOVED', { to: 'two words' }],
  ['something nested', 'ROOT_KEY_MOVED', { to: { name: 'file' } }],
  ['a list', 'ROOT_KEY_MOVED', ['file']],
  ['another event', 'PASSWORD_CHANGED', { provider: 'file' }],
])('refuses %s', async (_what, event, detail) => {
  const before = await noted()
  await asService('key-rotation', async ({ sessionToken }) => {
    await expect(note(sessionToken, event, detail)).rejects.toMatchObject({ code: '42501' })
  })
  expect(await noted()).toBe(before)
})

test('is for the job that renews keys alone', async () => {
  const before = await noted()
  await asService('import', async ({ sessionToken }) => {
    await expect(note(sessionToken, 'ROOT_KEY_MOVED', {})).rejects.toMatchObject({ code: '42501' })
  })
  await expect(note(records.cast.people.admin.token, 'ROOT_KEY_MOVED', {})).rejects.toMatchObject({
    code: '42501',
  })
  await asService('key-rotation', async ({ sessionToken }) => {
    await expect(note(sessionToken, 'ROOT_KEY_MOVED', {}, 'app')).rejects.toMatchObject({ code: '42501' })
    // Control
    await note(sessionToken, 'ROOT_KEY_MOVED', {})
  })
  expect(await noted()).toBe(before + 1)
})
