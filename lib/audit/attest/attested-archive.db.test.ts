import { afterAll, beforeAll, expect, test } from 'vitest'

import { leafHash } from '#lib/merkle/tree-hash.ts'
import { makeAttestedTrail, type AttestedTrail } from '#lib/testing/attested-trail.ts'

// What would be lost if this failed: with the first month that leaves the logs every writer would seem to lack calls; or nobody would hold
// a month against its writers any more once it has left.

let trail: AttestedTrail
let lines: string[]
beforeAll(async () => {
  trail = await makeAttestedTrail()
})
afterAll(() => trail.close())

/** All but the seal's own lateness: here it is done by hand, and other tests on the same server hold it back. */
const verify = async () => {
  const { findings, writers } = await trail.verify()
  return { kinds: [...new Set(findings.map(({ kind }) => kind))].filter((kind) => kind !== 'SEAL_STALE').toSorted(), writers } // prettier-ignore
}

test('calls in an archived month are held against their writers as before, and so are those that follow', async () => {
  const { maria, zoe } = trail
  for (const patients of [[maria], [zoe, maria], [zoe]]) await trail.open(patients)
  await trail.settle()
  await trail.open([maria])
  await trail.seal()
  const before = await verify()
  expect(before.kinds).toEqual([])
  lines = await trail.archive()
  expect(lines.filter((line) => line.includes('writer_seq')).length).toBeGreaterThan(4)

  // The same process goes on, in a month that is still in the logs: one look, and the event that settles it.
  await trail.open([maria])
  await trail.settle()
  await trail.seal()
  const after = await verify()
  expect(after.kinds).toEqual([])
  expect(after.writers?.calls).toBe((before.writers?.calls ?? 0) + 2)
  expect(after.writers?.writers).toBe(before.writers?.writers)
  expect(after.writers?.rows).toBe((before.writers?.rows ?? 0) + 2)

  // control: a call whose entry the archive does not show is missed, beside the leaf that has no entry
  const at = lines.findLastIndex((line) => line.includes('"outcome\\":\\"ALLOWED') && line.includes(maria))
  const shown = lines[at] ?? ''
  lines[at] = JSON.stringify({ hash: Buffer.alloc(32).toString('base64') })
  const without = await verify()
  expect(without.kinds).toContain('ROW_DELETED')
  expect(without.kinds.filter((kind) => kind !== 'ROW_DELETED')).not.toEqual([])
  lines[at] = shown
  expect((await verify()).kinds).toEqual([])
})

test('a month that left before a restore is held against its writers as well, and its file against its own tree', async () => {
  const { maria, zoe } = trail
  const before = await verify()
  await trail.beginAnotherTree()
  await trail.seal()
  expect(await verify()).toEqual(before)

  // Written anew by somebody who has the key of the archives and no key of the writers: a call is not shown, or is another's.
  const at = lines.findLastIndex((line) => line.includes('"outcome\\":\\"ALLOWED') && line.includes(maria))
  const shown = lines[at] ?? ''
  const { data } = JSON.parse(shown) as { data: string }
  lines[at] = JSON.stringify({ hash: leafHash(data).toString('base64') })
  expect((await verify()).kinds).toEqual(['ARCHIVE_MISSING', 'ROWS_MISSING'])
  lines[at] = JSON.stringify({ data: data.replace(maria, zoe) })
  expect((await verify()).kinds).toEqual(['ARCHIVE_MISSING', 'ROWS_MISSING', 'ROW_FORGED'])
  lines[at] = shown
  expect(await verify()).toEqual(before)
})
