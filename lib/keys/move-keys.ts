import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { exclusively } from './exclusively.ts'
import { keysUnder } from './keys-under.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeySource } from './load-keys.ts'
import { rewrapOnce, type Target } from './rewrap-keys.ts'

export type MoveOptions = {
  /** one call of a provider takes no longer */
  readonly attemptSeconds: number
  /** keys moved in a second at most; without a limit when it is not given */
  readonly keysPerSecond?: number | undefined
  /** the second count is made so much later than the first: longer than a process holds on to what it wraps under */
  readonly checkAfterSeconds: number
  readonly onProgress: (done: number, total: number) => void
}

export type Moved = {
  readonly provider: string
  readonly version: number
  readonly moved: number
  /** keys that do not open, and so stay where they are; 0 when all is well */
  readonly refused: number
  /** keys elsewhere, counted twice; both 0 when all is well */
  readonly left: readonly [number, number]
}

/**
 * Brings every key to the target, pass after pass until a pass finds nothing, and then closes the door: the store refuses whatever
 * is still wrapped under a former version, so that the count stays what it is. Other processes read and write all the while.
 * Safe to kill at any instant and to run again, and for two operators at once.
 */
export async function moveKeys(source: KeySource, target: Target, options: MoveOptions): Promise<Moved> {
  const progress = await countProgress(source, target)
  let moved = 0
  let refused = 0
  const begun = performance.now()
  const after = async (count: number) => {
    moved += count
    options.onProgress(Math.min(progress.done + moved, progress.total), progress.total)
    if (options.keysPerSecond === undefined) return
    const early = (moved / options.keysPerSecond) * 1000 - (performance.now() - begun)
    if (early > 0) await sleep(early)
  }
  // A pass that moved nothing has met only keys that do not open, or none.
  for (;;) {
    const pass = await rewrapOnce(source, target, options.attemptSeconds, after)
    refused = pass.refused
    if (pass.moved === 0) break
  }
  const first = await countElsewhere(source, target)
  if (first > 0) return { ...name(target), moved, refused, left: [first, first] }
  await closeDoor(source, target)
  await sleep(options.checkAfterSeconds * 1000)
  const second = await countElsewhere(source, target)
  return { ...name(target), moved, refused, left: [first, second] }
}

const name = ({ provider, version }: Target) => ({ provider: provider.id, version })

/** From now on nothing is wrapped under a version below the target's, by whomever. */
async function closeDoor(source: KeySource, { provider, version }: Target): Promise<void> {
  await source.database.query(
    `UPDATE keys.keyring_state SET version_min = $2, updated_at = clock_timestamp() WHERE provider = $1 AND version_min < $2`,
    [provider.id, version],
  )
}

async function countElsewhere(source: KeySource, target: Target): Promise<number> {
  const { done, total } = await countProgress(source, target)
  return total - done
}

async function countProgress(source: KeySource, target: Target): Promise<{ done: number; total: number }> {
  const counted = await keysUnder(source.database)
  const total = counted.reduce((sum, each) => sum + each.keys, 0)
  const done = counted
    .filter((each) => each.provider === target.provider.id && each.version >= target.version)
    .reduce((sum, each) => sum + each.keys, 0)
  return { done, total }
}

/**
 * The version to bring keys to: a new one, or the present one when an earlier rotation to it was not finished. Two operators who
 * begin at once get the same.
 */
export async function beginKekRotation(
  source: KeySource,
  signal: AbortSignal,
): Promise<Target & { readonly continued: boolean }> {
  return exclusively(
    source.database,
    'begin rotation of the key-encryption key',
    async () => {
      const provider = await source.providers.current(signal)
      const { versions } = await provider.describe(signal)
      const active = versions.find((each) => each.state === 'active')
      const unfinished =
        active !== undefined &&
        (versions.some((each) => each.state === 'decrypt_only') ||
          (await countElsewhere(source, { provider, version: active.version })) > 0)
      if (active && unfinished) return { provider, version: active.version, continued: true }
      return { provider, version: await provider.custody.addVersion(signal), continued: false }
    },
    signal,
  )
}

/**
 * Takes every version but the newest out of use: it can be taken back, and opens nothing until then.
 * @returns the versions disabled now
 */
export async function disableFormerVersions(
  provider: KeyProvider,
  version: number,
  signal: AbortSignal,
): Promise<number[]> {
  const { versions } = await provider.describe(signal)
  const former = versions.filter((each) => each.version < version && each.state === 'decrypt_only')
  for (const each of former) await provider.custody.setState(each.version, 'disabled', signal)
  return former.map((each) => each.version)
}
