import 'server-only'
import type { Client } from 'pg'

import type { Verdict } from '#lib/audit/seal/finding.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { now } from '#lib/clock.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'
import { reportSealEvent } from './report-seal-event.ts'
import { readVerifierKey } from './seal-key.ts'

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
