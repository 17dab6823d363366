import 'server-only'

import type { KeyStore } from '#lib/keys/key-store.ts'

/** What an owner's keys are good for: the version that is written with, or why there is none. */
export type OwnerKeys = {
  readonly active: ReadonlyMap<string, number>
  readonly without: ReadonlyMap<string, KeyLack>
}

/**
 * destroyed: shredded, which is meant to be. Disabled, unreadable, missing: nothing can be re-encrypted, and somebody
 * should look.
 */
export type KeyLack = 'destroyed' | 'disabled' | 'unreadable' | 'missing'

/** Sorts owners by what their keys are good for; makes no key for anybody. */
export async function ownerKeys(keys: KeyStore, owners: readonly string[]): Promise<OwnerKeys> {
  const found = await keys.dataKeysFor(owners)
  const active = new Map<string, number>()
  const without = new Map<string, KeyLack>()
  for (const owner of owners) {
    const own = found.get(owner)
    if (own?.active) active.set(owner, own.active.version)
    else without.set(owner, own ? lackOf([...own.closed.values()]) : 'missing')
  }
  return { active, without }
}

function lackOf(states: readonly string[]): KeyLack {
  if (states.includes('unreadable')) return 'unreadable'
  return states.length > 0 && states.every((state) => state === 'destroyed') ? 'destroyed' : 'disabled'
}
