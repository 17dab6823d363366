import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import { attempt } from './attempt.ts'
import { refusal, type DataKeyReader } from './data-key-reader.ts'
import type { EncryptionCounts } from './encryption-counts.ts'
import type { KeyLimits } from './key-settings.ts'
import type { KeySource } from './load-keys.ts'
import { makeFirstKeys, makeNextKey } from './make-keys.ts'

/**
 * Gives keys to write with. Owners who have none get one, and versions that have encrypted too often are replaced; both are
 * committed before the key is handed out.
 */
export function dataKeyWriter(
  source: KeySource,
  reader: DataKeyReader,
  counts: EncryptionCounts,
  limits: KeyLimits,
): (owners: Iterable<string>) => Promise<Map<string, DataKey>> {
  async function make(first: readonly string[], worn: readonly DataKeys[]): Promise<void> {
    const inTime = (work: (signal: AbortSignal) => Promise<void>) => attempt(work, limits.attemptSeconds)
    try {
      if (first.length > 0) await inTime((signal) => makeFirstKeys(source, 'data-key', first, signal))
      for (const each of worn) {
        await inTime((signal) => makeNextKey(source, each.ownerId, versionsOf(each), signal))
      }
    } catch (error) {
      reader.fail(error)
      throw refusal(error)
    }
    for (const each of worn) reader.drop(each.ownerId)
  }

  return async (owners) => {
    const wanted = [...new Set(owners)]
    let keys = await reader.read(wanted, 'writing')
    const first = wanted.filter((owner) => !keys.has(owner))
    const worn = [...keys.values()].filter((each) => each.active?.exhausted)
    if (first.length > 0 || worn.length > 0) {
      await make(first, worn)
      keys = await reader.read(wanted, 'writing')
    }
    return new Map(
      wanted.map((owner) => {
        const key = activeOf(keys.get(owner))
        counts.watch(key)
        return [owner, key]
      }),
    )
  }
}

function versionsOf(keys: DataKeys): { former: number; next: number } {
  const all = [...keys.versions.map((each) => each.version), ...keys.closed.keys()]
  return { former: keys.active?.version ?? 0, next: Math.max(...all) + 1 }
}

/**
 * The key to write with. An owner whose keys exist and none of which is active was shredded or disabled; making a new
 * one would undo that in silence.
 */
function activeOf(keys: DataKeys | undefined): DataKey {
  if (keys?.active) return keys.active
  const reasons = new Set(keys?.closed.values())
  if (reasons.has('unreadable'))
    throw new CryptoError('KEY_UNREADABLE', 'data-key', 'the owner’s key does not unwrap')
  if (reasons.has('disabled'))
    throw new CryptoError('KEY_DISABLED', 'data-key', 'the owner’s keys are disabled')
  throw new CryptoError('KEY_DESTROYED', 'data-key', 'the owner’s keys were destroyed')
}
