import 'server-only'
import type { Client } from 'pg'

import type { Verdict } from '#lib/audit/seal/finding.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { now } from '#lib/clock.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { reportSealEvent, withSeal } from './with-seal.ts'

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

/** Verifies everything that was sealed, and writes the result down. */
export const verifyAndRemember = async (
  client: Client,
  home: string,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Verdict> => {
  const startedAt = now()
  const incarnation = (await readSealState(client))?.incarnation ?? 1
  const anchor = openFileAnchor(anchorFile(home))
  const verdict = await verifyTrail(client, readVerifierKey(home, incarnation), [anchor], onProgress)
  const findings = verdict.findings.length + verdict.more
  // A trail without a tree has no incarnation to keep a result for.
  if (verdict.incarnation > 0)
    await client.query(
      `INSERT INTO audit.verification (incarnation, mode, tree_size, root, ok, findings, sealed_through, started_at)
       VALUES ($1, 'full', $2, decode($3, 'base64'), $4, $5, $6, $7)`,
      [
        verdict.incarnation,
        verdict.treeSize,
        verdict.root,
        verdict.ok,
        findings,
        verdict.sealedThrough,
        startedAt,
      ],
    )
  await reportSealEvent(client, 'AUDIT_VERIFIED', {
    mode: 'full',
    tree_size: verdict.treeSize,
    ok: verdict.ok,
    findings,
  })
  return verdict
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
