import 'server-only'
import { Paged } from '#lib/audit/seal/paged.ts'
import { isBefore } from '#lib/audit/seal/read-unsealed.ts'
import type { Leaf } from '#lib/audit/seal/seal-store.ts'

/** Two sources of entries in sealing order as one, in pages. */
export async function* mergeRows(
  first: AsyncIterable<readonly Leaf[], void, undefined>,
  second: AsyncIterable<readonly Leaf[], void, undefined>,
): AsyncGenerator<Leaf[], void, undefined> {
  const [left, right] = [new Paged(first), new Paged(second)]
  await left.next()
  await right.next()
  let page: Leaf[] = []
  while (left.head || right.head) {
    const isLeft = left.head !== undefined && (right.head === undefined || isBefore(left.head, right.head))
    const leaf = isLeft ? left.head : right.head
    if (leaf) page.push(leaf)
    const waiting = (isLeft ? left : right).next()
    if (waiting) {
      yield page
      page = []
      await waiting
    }
  }
  yield page
}
