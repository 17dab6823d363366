import 'server-only'

import type { IndexRoot } from '#lib/keys/index-roots.ts'

/**
 * Where the replacement of the root of the blind indexes stands, from the states of its versions alone.
 *
 * begin: one version is live. fill: the next one is stored by everybody, and values from before get its tokens. former: values are
 * looked up by the next one, codes are put under it, and the former one is still stored for whoever has not heard. remove: no process
 * has the former one, and its tokens are taken away.
 */
export type IndexStep =
  | { readonly kind: 'begin'; readonly active: number }
  | { readonly kind: 'fill'; readonly former: number; readonly next: number }
  | { readonly kind: 'former'; readonly former: number; readonly next: number }
  | { readonly kind: 'remove'; readonly former: number; readonly next: number }

/** @throws Error when no version is active, or when more are in use than a replacement has: nothing should be done then */
export function indexStep(roots: readonly IndexRoot[]): IndexStep {
  const of = (state: IndexRoot['state']) =>
    roots.filter((root) => root.state === state).map((root) => root.version)
  const [active, second] = of('active')
  const [pending] = of('pending')
  const others = [...of('pending'), ...of('decrypt_only'), ...of('disabled')]
  const [other] = others
  if (active === undefined || second !== undefined || others.length > 1)
    throw new Error('the versions of the index key are in states that do not go together')
  if (other === undefined) return { kind: 'begin', active }
  if (pending !== undefined) return { kind: 'fill', former: active, next: pending }
  const disabled = of('disabled').includes(other)
  return { kind: disabled ? 'remove' : 'former', former: other, next: active }
}

/** Versions that no process has: their tokens are to go, those of a replacement that was given up too. */
export const deadVersions = (roots: readonly IndexRoot[]): number[] =>
  roots.filter(({ state }) => state === 'disabled' || state === 'destroyed').map(({ version }) => version)
