import 'server-only'
import { indexRoots } from '#lib/keys/index-roots.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { type CommandInput, type CommandOutput, WrongUsage } from '#lib/ops/cli/command.ts'
import { readWholeNumber } from '#lib/ops/cli/read-option.ts'
import { makeProgress } from '#lib/ops/import-fhir/progress.ts'
import { rotateIndexRoot, type IndexRotationReport } from './rotate-index-root.ts'
import { withKeySource } from './with-key-source.ts'

/**
 * `vigil keys rotate --index [--throttle PATIENTS_PER_S]`: replaces the root key of the search index while people search, register
 * and sign in. To be called again after whatever ended it; exit status 1 when something is left on the former version.
 */
export async function rotateIndex({ words, options: given, env, say }: CommandInput): Promise<CommandOutput> {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  if (given['destroy-old'] !== undefined)
    throw new WrongUsage(
      '--destroy-old does not go with --index: the former version is destroyed at the end.',
    )
  const patientsPerSecond =
    given['throttle'] === '0' ? 0 : (readWholeNumber('--throttle', given['throttle']) ?? 0)
  const progress = makeProgress(process.stderr, say)
  try {
    const report = await withKeySource(env, async (source) =>
      rotateIndexRoot({
        keys: await processKeyStore(),
        roots: indexRoots(source),
        patientsPerSecond,
        progress: progress.advance,
      }),
    )
    progress.end()
    return { ok: report.onFormerVersion === 0, text: rotatedText(report), json: report }
  } finally {
    progress.end()
  }
}

const rotatedText = ({
  continued,
  former,
  active,
  patients,
  accounts,
  onFormerVersion,
}: IndexRotationReport): string =>
  [
    ...(continued ? ['Went on with the rotation that was open.'] : []),
    `The search index is under version ${active} of its key: tokens of ${patients} patients and ${accounts} accounts renewed or removed.`,
    onFormerVersion === 0
      ? `Checked twice: 0 on the old version. Version ${former} is destroyed.`
      : `${onFormerVersion} values or tokens are on an old version again: was a backup restored meanwhile? Call this again.`,
  ].join('\n')
