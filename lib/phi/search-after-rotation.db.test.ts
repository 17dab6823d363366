import { beforeAll, expect, test } from 'vitest'
import { withIndexRoots, replaceIndexKey } from '#lib/testing/replace-index-key.ts'
// Everything that search.db.test.ts asserts, attacks 31 to 36 among it, once more: its patients were registered under the former
// index key, which is then replaced. This file's own hook is registered after that file's.
import './search.db.test.ts'

beforeAll(async () => {
  await replaceIndexKey()
})

test('attack 37: all of this was under the next version of the index key, and the former one is gone', async () => {
  expect(await withIndexRoots((roots) => roots.read())).toEqual([
    { version: 1, state: 'destroyed' },
    { version: 2, state: 'active' },
  ])
})
