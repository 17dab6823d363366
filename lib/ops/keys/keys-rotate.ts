import 'server-only'
import {
  type CommandInput,
  type CommandModule,
  type CommandOutput,
  WrongUsage,
} from '#lib/ops/cli/command.ts'
import { readAge, readWholeNumber } from '#lib/ops/cli/read-option.ts'
import { makeProgress } from '#lib/ops/import-fhir/progress.ts'
import { rotateData, rotateDataOptions } from './rotate-data.ts'
import { rotateIndex } from './rotate-index.ts'
import { type KekRotated, rotateKek } from './rotate-kek.ts'
import { withKeySource } from './with-key-source.ts'

export const options = {
  data: { type: 'boolean' },
  index: { type: 'boolean' },
  ...rotateDataOptions,
} as const

/**
 * `vigil keys rotate [--throttle KEYS] [--destroy-old AGE]`: the key-encryption key. No record is touched, and people work on.
 *
 * `vigil keys rotate --data …`: the data keys, with which the record is encrypted (rotate-data.ts).
 * `vigil keys rotate --index …`: the root key of the search index (rotate-index.ts).
 */
export const run: CommandModule['run'] = (input) => {
  if (input.words.length > 0) throw new WrongUsage('This verb takes no words.')
  const { data, index } = input.options
  if (data === true && index === true) throw new WrongUsage('Rotate one kind of key at a time.')
  if (data === true) return rotateData(input)
  for (const name of ['patient', 'anew', 'retire'])
    if (input.options[name] !== undefined) throw new WrongUsage(`--${name} goes with --data.`)
  if (index === true) return rotateIndex(input)
  return rotateKeyEncryptionKey(input)
}

async function rotateKeyEncryptionKey({ options: given, env, say }: CommandInput): Promise<CommandOutput> {
  const keysPerSecond =
    given['throttle'] === '0' ? undefined : readWholeNumber('--throttle', given['throttle'])
  const destroyAfterSeconds = readAge('--destroy-old', given['destroy-old'])
  const progress = makeProgress(process.stderr, say)
  try {
    const rotated = await withKeySource(env, (source, settings) =>
      rotateKek(source, settings, {
        keysPerSecond,
        destroyAfterSeconds,
        onProgress: (done, total) => progress.advance('Keys under the new version', done, total),
      }),
    )
    progress.end()
    return { ok: rotated.left[1] === 0, text: rotatedText(rotated), json: rotated }
  } finally {
    progress.end()
  }
}

function rotatedText(rotated: KekRotated): string {
  const { provider, version, moved, left, disabled, destroyed, continued } = rotated
  const lines = [
    `${continued ? 'Went on with the rotation to' : 'Rotated to'} version ${version} of the key-encryption key (${provider}): ${moved} keys rewrapped.`,
    left[1] === 0
      ? `Checked twice: ${left[1]} keys on the old version.`
      : `${left[1]} keys are still on an old version, because they do not open: see "vigil doctor". Nothing was disabled.`,
  ]
  if (disabled.length > 0)
    lines.push(
      `Disabled: version ${disabled.join(', ')}. Destroy it with --destroy-old AGE once no backup of the key store needs it.`,
    )
  if (destroyed.length > 0)
    lines.push(
      `Destroyed: ${destroyed.map((each) => `${each.provider} version ${each.version}`).join(', ')}.`,
    )
  if (provider === 'file') lines.push('Print a new recovery sheet: "vigil keys recovery-sheet".')
  return lines.join('\n')
}
