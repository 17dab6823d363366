import 'server-only'

import { attempt } from './attempt.ts'
import { beginRotation, endRotation, type Rotation } from './begin-rotation.ts'
import { refusal } from './data-key-reader.ts'
import type { KeySource } from './load-keys.ts'
import { operatorKeyLimits } from './open-key-source.ts'
import { renewDataKeys } from './renew-data-keys.ts'
import { formerVersions, moveVersions, type FormerVersion, type VersionName } from './retire-data-keys.ts'

/**
 * What the rotation of data keys needs of the key store, beside keys to read and write with. All methods throw
 * `KeysUnavailable` when the key store or the provider does not answer.
 */
export type DataKeyRotation = {
  /**
   * The rotation of one owner's keys, or of all, that is open; a new one when there is none, or `anew` asks for it.
   * Two that begin at once get the same.
   */
  begin(owner: string | null, anew: boolean): Promise<Rotation>
  /**
   * Gives those of the owners whose active version is older than the rotation a new one. A second call changes nothing.
   * @returns how many got one
   */
  renew(rotation: Rotation, owners: readonly string[]): Promise<number>
  end(rotation: Rotation): Promise<void>
  /** Versions that are no longer active and not yet destroyed, oldest first, from behind `after` on. */
  former(after: string | null, owner: string | null): Promise<FormerVersion[]>
  /** Moves versions to another state, those that are in the state named; returns those that it moved. */
  move(
    versions: readonly VersionName[],
    from: 'decrypt_only' | 'disabled',
    to: 'decrypt_only' | 'disabled' | 'destroyed',
  ): Promise<VersionName[]>
}

/**
 * Makes the above over the key store that an operator's verb has opened.
 * @param forget tells this process's own cache that an owner's keys have changed; the others hear of it from the store
 */
export function dataKeyRotation(source: KeySource, forget: (owner: string) => void): DataKeyRotation {
  async function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await attempt(work, operatorKeyLimits.attemptSeconds)
    } catch (error) {
      throw refusal(error)
    }
  }
  return {
    begin: (owner, anew) => inTime(() => beginRotation(source.database, owner, anew)),
    async renew(rotation, owners) {
      const renewed = await inTime((signal) => renewDataKeys(source, rotation, owners, signal))
      for (const owner of renewed) forget(owner)
      return renewed.length
    },
    end: (rotation) => inTime(() => endRotation(source.database, rotation)),
    former: (after, owner) => inTime(() => formerVersions(source.database, after, owner)),
    async move(versions, from, to) {
      const moved = await inTime(() => moveVersions(source.database, versions, from, to))
      for (const { ownerId } of moved) forget(ownerId)
      return moved
    },
  }
}
