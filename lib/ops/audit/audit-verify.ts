import 'server-only'
import type { Verdict } from '#lib/audit/seal/finding.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { verifyAndRemember } from '#lib/ops/seal/verify-and-remember.ts'
import { withSeal } from './with-seal.ts'

/**
 * `vigil audit verify`: reads the whole trail and says whether anything in it was edited, deleted, put in, exchanged, cut off
 * or rewritten since it was sealed. The result is kept.
 */
export const run: CommandModule['run'] = ({ words, env, say }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  return withSeal(env, async (client) => {
    const verdict = await verifyAndRemember(client, env.home, (done, of) => {
      if (done % 100_000 === 0) say(`${done} of ${of} entries`)
    })
    const { ok, treeSize, root, sealedThrough, findings, more } = verdict
    return { ok, text: textOf(verdict), json: { ok, treeSize, root, sealedThrough, findings, more } }
  })
}

const textOf = ({ ok, treeSize, root, sealedThrough, findings, more }: Verdict): string => {
  const count = findings.length + more
  const head = ok
    ? `The audit trail is as it was sealed: ${treeSize} leaves, sealed through ${sealedThrough ?? 'the beginning'}.\nRoot ${root}`
    : `THE AUDIT TRAIL IS NOT AS IT WAS SEALED: ${count} finding${count === 1 ? '' : 's'} in ${treeSize} leaves.`
  const lines = findings
    .slice(0, 50)
    .map(
      (each) =>
        `  ${each.kind.padEnd(25)} leaf ${each.leafIndex ?? '–'}  ${each.logId ?? ''}  ${each.detail}`,
    )
  const rest = count - lines.length
  return [head, ...lines, ...(rest > 0 ? [`  … and ${rest} more (--json lists the first 1,000)`] : [])].join(
    '\n',
  )
}
