import 'server-only'
import { timingSafeEqual } from 'node:crypto'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import { keyObjectOf, type SecretKey } from '#lib/crypto/secret-key.ts'
import type { KeyProvider, UnwrapRefusal, Wrapped } from './key-provider.ts'

/** Unwraps by one provider and wraps by another; what the other gives back is compared before anything relies on it. */
export async function carryOver(
  from: KeyProvider,
  to: KeyProvider,
  group: readonly { readonly wrapped: Wrapped; readonly context: KeyContext }[],
  signal: AbortSignal,
): Promise<(Wrapped | UnwrapRefusal)[]> {
  const opened = await from.unwrap(group, signal)
  const good = opened.flatMap((key, at) => {
    const item = group[at]
    return 'refused' in key || !item ? [] : [{ at, key, context: item.context }]
  })
  const wrapped = await to.wrap(good, signal)
  const again = await to.unwrap(
    good.flatMap(({ context }, index) => {
      const each = wrapped[index]
      return each ? [{ wrapped: each, context }] : []
    }),
    signal,
  )
  const answers = opened.map((key): Wrapped | UnwrapRefusal =>
    'refused' in key ? key : { refused: 'unreadable' },
  )
  for (const [index, { at, key }] of good.entries()) {
    const [each, back] = [wrapped[index], again[index]]
    if (each && back && !('refused' in back) && isSame(key, back)) answers[at] = each
  }
  return answers
}

function isSame(one: SecretKey, other: SecretKey): boolean {
  const [a, b] = [keyObjectOf(one).export(), keyObjectOf(other).export()]
  const same = timingSafeEqual(a, b)
  a.fill(0)
  b.fill(0)
  return same
}
