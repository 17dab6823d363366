import 'server-only'
import pg from 'pg'

import type { Verdict } from '#lib/audit/seal/finding.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { now } from '#lib/clock.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'

/**
 * `vigil audit verify`: reads the whole trail and says whether anything in it was edited, deleted, put in, exchanged, cut off
 * or rewritten since it was sealed. The result is kept, and stands on the compliance dashboard.
 */
export const run: CommandModule['run'] = async ({ words, env, say }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  return withDatabases(env, async () => {
    const client = new pg.Client({
      connectionString: databaseUrl(env, 'sealer'),
      application_name: 'vigil verifier',
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const startedAt = now()
      const incarnation = (await readSealState(client))?.incarnation ?? 1
      const anchor = openFileAnchor(anchorFile(env.home))
      const verdict = await verifyTrail(
        client,
        readVerifierKey(env.home, incarnation),
        [anchor],
        (done, of) => {
          if (done % 100_000 === 0) say(`${done} of ${of} entries`)
        },
      )
      await remember(client, verdict, startedAt)
      return { ok: verdict.ok, text: textOf(verdict), json: jsonOf(verdict) }
    } finally {
      await client.end().catch(() => undefined)
    }
  })
}

const remember = async (client: pg.Client, verdict: Verdict, startedAt: Date): Promise<void> => {
  // A trail without a tree has no incarnation to write a result for.
  if (verdict.incarnation === 0) return
  await client.query(
    `INSERT INTO audit.verification (incarnation, mode, tree_size, root, ok, findings, sealed_through, started_at)
     VALUES ($1, 'full', $2, decode($3, 'base64'), $4, $5, $6, $7)`,
    [
      verdict.incarnation,
      verdict.treeSize,
      verdict.root,
      verdict.ok,
      verdict.findings.length + verdict.more,
      verdict.sealedThrough,
      startedAt,
    ],
  )
}

const jsonOf = ({ ok, treeSize, root, sealedThrough, findings, more }: Verdict) => ({
  ok,
  treeSize,
  root,
  sealedThrough,
  findings,
  more,
})

const textOf = (verdict: Verdict): string => {
  const { ok, treeSize, root, sealedThrough, findings, more } = verdict
  const head = ok
    ? `The audit trail is as it was sealed: ${treeSize} leaves, sealed through ${sealedThrough ?? 'the beginning'}.\nRoot ${root}`
    : `THE AUDIT TRAIL IS NOT AS IT WAS SEALED: ${findings.length + more} finding${findings.length + more === 1 ? '' : 's'} in ${treeSize} leaves.`
  const lines = findings
    .slice(0, 50)
    .map(
      (each) =>
        `  ${each.kind.padEnd(25)} leaf ${each.leafIndex ?? '–'}  ${each.logId ?? ''}  ${each.detail}`,
    )
  const rest = findings.length + more - lines.length
  return [head, ...lines, ...(rest > 0 ? [`  … and ${rest} more (--json lists the first 1,000)`] : [])].join(
    '\n',
  )
}
