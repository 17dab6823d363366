import 'server-only'
import { destroyFormerVersions, type FormerKekVersion } from '#lib/keys/destroy-former-versions.ts'
import { keyLeaseSeconds, type KeySettings } from '#lib/keys/key-settings.ts'
import { readKeyringStates } from '#lib/keys/keyring-states.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { beginKekRotation, disableFormerVersions, moveKeys, type Moved } from '#lib/keys/move-keys.ts'
import { operatorKeyLimits } from '#lib/keys/open-key-source.ts'
import { configuredProviders } from '#lib/keys/open-provider.ts'
import { noteKeyWork } from './note-key-work.ts'

export type RotateKekOptions = {
  readonly keysPerSecond?: number | undefined
  /** destroys former versions that were replaced at least so long ago; none when it is not given */
  readonly destroyAfterSeconds?: number | undefined
  /** time between the two counts */
  readonly checkAfterSeconds?: number
  readonly onProgress?: (done: number, total: number) => void
}

export type KekRotated = Moved & {
  /** whether it went on with a rotation that was begun before */
  readonly continued: boolean
  readonly disabled: readonly number[]
  readonly destroyed: readonly FormerKekVersion[]
}

/**
 * Rotates the key-encryption key: a new version, every key under it, the former one out of use. Data keys stay what they are, so
 * that no record is touched. Goes on where an earlier call was killed; two at once share the work.
 */
export async function rotateKek(
  source: KeySource,
  settings: KeySettings,
  options: RotateKekOptions,
): Promise<KekRotated> {
  const signal = () => AbortSignal.timeout(operatorKeyLimits.attemptSeconds * 1000)
  const target = await beginKekRotation(source, signal())
  const what = { provider: target.provider.id, version: target.version }
  await noteKeyWork('KEK_ROTATION_STARTED', what)
  const moved = await moveKeys(source, target, {
    attemptSeconds: operatorKeyLimits.attemptSeconds,
    keysPerSecond: options.keysPerSecond,
    checkAfterSeconds: options.checkAfterSeconds ?? keyLeaseSeconds,
    onProgress: options.onProgress ?? (() => undefined),
  })
  const done = moved.left[0] === 0 && moved.left[1] === 0
  const disabled = done ? await disableFormerVersions(target.provider, target.version, signal()) : []
  const destroyed =
    done && options.destroyAfterSeconds !== undefined
      ? await destroyFormer(source, settings, options.destroyAfterSeconds, signal())
      : []
  await noteKeyWork('KEK_ROTATION_ENDED', { ...what, rewrapped: moved.moved, left: moved.left[1] })
  return { ...moved, continued: target.continued, disabled, destroyed }
}

/** Of the current provider, and of those that keys have left. */
async function destroyFormer(
  source: KeySource,
  settings: KeySettings,
  seconds: number,
  signal: AbortSignal,
): Promise<FormerKekVersion[]> {
  const configured = new Set<string>(configuredProviders(settings))
  const destroyed: FormerKekVersion[] = []
  for (const { provider: id } of await readKeyringStates(source.database)) {
    const provider = configured.has(id) ? await source.providers.find(id, signal) : undefined
    if (!provider) continue
    const note = (each: FormerKekVersion) => noteKeyWork('KEK_VERSION_DESTROYED', each)
    destroyed.push(...(await destroyFormerVersions(source, provider, seconds, note, signal)))
  }
  return destroyed
}
