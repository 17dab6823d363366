import { afterAll, beforeAll, expect, test } from 'vitest'

import { AnchorAway, AnchorDiffers } from '#lib/audit/seal/anchor.ts'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { makeSignerKey } from '#lib/merkle/note-key.ts'
import { startBucketServer, type BucketServer } from '#lib/testing/bucket-server.ts'
import { openBucketAnchor } from './bucket-anchor.ts'
import { openBucket } from './open-bucket.ts'

let server: BucketServer
beforeAll(async () => {
  server = await startBucketServer()
  process.env['AWS_ACCESS_KEY_ID'] = 'test'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test'
})
afterAll(() => server.close())

const key = makeSignerKey('clinic.example:3000/audit/test/1')
const noteOf = (size: number, fill = size): string =>
  signCheckpoint({ origin: key.verifier.name, size, root: Buffer.alloc(32, fill) }, key)
const open = async () => {
  const settings = { name: 'anchors', region: 'eu-central-1', endpoint: server.url, days: 30, minutes: 60 }
  return openBucketAnchor(settings, await openBucket(settings))
}

test('keeps checkpoints under a lock of days, once each, and gives them out in order, hidden ones too', async () => {
  const anchor = await open()
  expect(await anchor.newest()).toBeUndefined()
  for (const size of [9, 11, 100]) expect(await anchor.keep(noteOf(size))).toMatch(/^v/)
  // Again, as after a crash: it is there already.
  expect(await anchor.keep(noteOf(100))).toBeNull()
  expect(server.objects).toHaveLength(3)
  const [first] = server.objects
  expect(first).toMatchObject({ key: 'clinic.example_3000_audit_test/000000001/0000000000000009', mode: 'COMPLIANCE' }) // prettier-ignore
  expect(new Date(first?.until ?? 0).getTime()).toBeGreaterThan(Date.now() + 29 * 24 * 3600 * 1000)
  // A delete marker hides the newest; its version is still there.
  server.objects.forEach((each) => (each.hidden = each.key.endsWith('100')))
  expect(await anchor.newest()).toBe(noteOf(100))
  expect(await Array.fromAsync(anchor.all())).toEqual([9, 11, 100].map((size) => noteOf(size)))
})

test('a bucket that lies, does not lock, refuses or is away is no anchor, and what it holds already is not overwritten', async () => {
  const anchor = await open()
  for (const manner of ['lies', 'unlocked', 'denies', 'away'] as const) {
    server.manner = manner
    await expect(anchor.keep(noteOf(200))).rejects.toBeInstanceOf(AnchorAway)
    server.objects.splice(3)
  }
  await expect(anchor.newest()).rejects.toBeInstanceOf(AnchorAway)
  server.manner = 'honest'
  await anchor.keep(noteOf(200))
  await expect(anchor.keep(noteOf(200, 7))).rejects.toBeInstanceOf(AnchorDiffers)
})
