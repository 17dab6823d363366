import 'server-only'
import type { Verdict, VerifyMode } from '#lib/audit/seal/finding.ts'
import { plural } from '#lib/format.ts'
import { WrongUsage, type CommandInput, type CommandModule } from '#lib/ops/cli/command.ts'
import { openAnchors } from '#lib/ops/seal/open-anchors.ts'
import { verifyAndRemember } from '#lib/ops/seal/verify-and-remember.ts'
import { withSeal } from './with-seal.ts'

export const options = {
  since: { type: 'string' },
  sample: { type: 'string' },
} as const satisfies CommandModule['options']

const sampleMax = 100_000

/**
 * `vigil audit verify`: says whether anything in the trail was edited, deleted, put in, exchanged, cut off or rewritten since it
 * was sealed. It reads all of it; with `--since last` or `--since LEAVES` what was sealed after a checkpoint; with `--sample N` so
 * many entries, each with its proof. The result is kept.
 */
export const run: CommandModule['run'] = ({ words, options: given, env, say }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const mode = readMode(given)
  return withSeal(env, async (client) => {
    const anchors = await openAnchors(env)
    const { verdict } = await verifyAndRemember(client, {
      home: env.home,
      anchors: anchors.all,
      mode,
      onProgress: (done, of) => {
        if (done % 100_000 === 0) say(`${done} of ${of} entries`)
      },
    })
    const { incarnation: _, origin: __, ...json } = verdict
    return { ok: verdict.ok, text: textOf(verdict), json }
  })
}

const readMode = ({ since, sample }: CommandInput['options']): VerifyMode => {
  if (since !== undefined && sample !== undefined)
    throw new WrongUsage('Take one of --since and --sample, or neither for everything.')
  if (typeof since === 'string') {
    if (since === 'last') return { kind: 'since' }
    if (!/^[1-9][0-9]{0,14}$/.test(since))
      throw new WrongUsage('--since takes the number of leaves of a checkpoint, or "last".')
    return { kind: 'since', size: Number(since) }
  }
  if (typeof sample === 'string') {
    const count = Number(sample)
    if (!/^[1-9][0-9]{0,5}$/.test(sample) || count > sampleMax)
      throw new WrongUsage(`--sample takes a number of entries, 1 to ${sampleMax}.`)
    return { kind: 'sample', count }
  }
  return { kind: 'full' }
}

const textOf = (verdict: Verdict): string => {
  const { ok, treeSize, root, sealedThrough, findings, more, unreached, writers } = verdict
  const count = findings.length + more
  const head = ok
    ? `${goodText(verdict)}: ${plural(treeSize, 'leaf', 'leaves')}, sealed through ${sealedThrough ?? 'the beginning'}.\nRoot ${root}`
    : `THE AUDIT TRAIL IS NOT AS IT WAS SEALED: ${plural(count, 'finding')} in ${plural(treeSize, 'leaf', 'leaves')}.`
  const lines = findings
    .slice(0, 50)
    .map(
      (each) =>
        `  ${each.kind.padEnd(25)} leaf ${each.leafIndex ?? '–'}  ${each.logId ?? ''}  ${each.detail}`,
    )
  const rest = count - lines.length
  return [
    head,
    ...lines,
    ...(rest > 0 ? [`  … and ${rest} more (--json lists the first 1,000)`] : []),
    writers === null
      ? 'Not held against what its writers vouched for: their secret is not in this home (ATTESTATION_KEY_FILE).'
      : `Held against what its writers vouched for: ${plural(writers.rows, 'entry', 'entries')} in ${plural(writers.calls, 'call', 'calls')} of ${plural(writers.writers, 'process', 'processes')}.`,
    ...(unreached.length > 0 ? [`Not compared, because they gave no answer: ${unreached.join(', ')}`] : []),
  ].join('\n')
}

const goodText = ({ mode, since, checked }: Verdict): string => {
  if (mode === 'sample')
    return `${plural(checked, 'entry', 'entries')} picked at random ${checked === 1 ? 'is as it was' : 'are as they were'} sealed`
  if (mode === 'since' && since > 0)
    return `Everything sealed after the first ${plural(since, 'leaf', 'leaves')} is as it was sealed (${checked} looked at)`
  return 'The audit trail is as it was sealed'
}
