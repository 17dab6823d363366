import 'server-only'
import { Refused } from '#lib/errors.ts'
import { keyLeaseSeconds, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { moveKeys, type Moved } from '#lib/keys/move-keys.ts'
import { beginMove, closeLeftProviders } from '#lib/keys/move-to-provider.ts'
import { operatorKeyLimits } from '#lib/keys/open-key-source.ts'
import { isProviderId, type ProviderId, providerIds } from '#lib/keys/open-provider.ts'
import { type CommandModule, type CommandOutput, WrongUsage } from '#lib/ops/cli/command.ts'
import { readWholeNumber } from '#lib/ops/cli/read-option.ts'
import { makeProgress } from '#lib/ops/import-fhir/progress.ts'
import { noteKeyWork } from './note-key-work.ts'
import { withKeySource } from './with-key-source.ts'

export const options = { to: { type: 'string' }, throttle: { type: 'string' } } as const

/**
 * `vigil keys rotate-root`: renews what the key-encryption keys are kept under. `--to PROVIDER` moves all keys to another
 * provider while people work.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env, say }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const { to } = given
  if (to === undefined) return withKeySource(env, renewRoot)
  if (typeof to !== 'string' || !isProviderId(to))
    throw new WrongUsage(`--to: one of ${providerIds.join(', ')}.`)
  const keysPerSecond =
    given['throttle'] === '0' ? undefined : readWholeNumber('--throttle', given['throttle'])
  const progress = makeProgress(process.stderr, say)
  try {
    const moved = await withKeySource(env, (source, settings) =>
      moveRoot(to, source, settings, {
        keysPerSecond,
        onProgress: (done, total) => progress.advance(`Keys with ${to}`, done, total),
      }),
    )
    progress.end()
    return { ok: moved.left[1] === 0, text: movedText(moved), json: moved }
  } finally {
    progress.end()
  }
}

const signal = () => AbortSignal.timeout(operatorKeyLimits.attemptSeconds * 1000)

async function renewRoot(source: KeySource): Promise<CommandOutput> {
  const provider = await source.providers.current(signal())
  if (!provider.custody.renewRoot)
    throw new Refused(
      `The key-encryption key never leaves ${provider.id}, so there is nothing above it to renew: "vigil keys rotate" renews the key itself.`,
    )
  await noteKeyWork('ROOT_KEY_RENEWED', { provider: provider.id })
  await provider.custody.renewRoot(signal())
  const { serial } = await provider.describe(signal())
  const lines = [
    `The root of ${provider.id} is renewed (serial ${serial}). Keys and records stayed as they are.`,
  ]
  if (provider.id === 'file') lines.push('Print a new recovery sheet: "vigil keys recovery-sheet".')
  return { ok: true, text: lines.join('\n'), json: { provider: provider.id, serial } }
}

export type RootMoved = Moved & {
  readonly from: string
  readonly continued: boolean
  readonly closed: readonly string[]
}

/** Moves every key to another provider; goes on where an earlier call was killed. */
export async function moveRoot(
  to: ProviderId,
  source: KeySource,
  settings: KeySettings,
  options: {
    keysPerSecond?: number | undefined
    checkAfterSeconds?: number
    onProgress?: (done: number, total: number) => void
  } = {},
): Promise<RootMoved> {
  await noteKeyWork('ROOT_KEY_MOVE_STARTED', { to })
  const target = await beginMove(to, settings, source, signal())
  const { from, continued } = target
  const moved = await moveKeys(source, target, {
    attemptSeconds: operatorKeyLimits.attemptSeconds,
    keysPerSecond: options.keysPerSecond,
    checkAfterSeconds: options.checkAfterSeconds ?? keyLeaseSeconds,
    onProgress: options.onProgress ?? (() => undefined),
  })
  const done = moved.left[0] === 0 && moved.left[1] === 0
  const closed = done ? await closeLeftProviders(source, signal()) : []
  if (done) await noteKeyWork('ROOT_KEY_MOVED', { from, to, moved: moved.moved })
  return { ...moved, from, continued, closed }
}

function movedText({ provider, from, moved, left, closed }: RootMoved): string {
  if (left[1] > 0)
    return `${left[1]} keys are still with ${from}, because they do not open: see "vigil doctor". ${from} stays in use for them.`
  return [
    `All keys are with ${provider}: ${moved} carried over from ${from}.`,
    `Checked twice: ${left[1]} keys left there.`,
    `Set KEY_PROVIDER=${provider} for every process of Vigil before its next start.`,
    ...(closed.length > 0
      ? [
          `What ${closed.join(', ')} wrapped with is disabled. Keep it until no backup of the key store needs it, then "vigil keys rotate --destroy-old AGE".`,
        ]
      : []),
  ].join('\n')
}
