import 'server-only'
import type { Client } from 'pg'

import { attestationKeyFile, readAttestationKeys } from '#lib/audit/attest/attestation-key.ts'
import { archiveSource } from '#lib/ops/retention/archive-file.ts'
import type { Anchor } from '#lib/audit/seal/anchor.ts'
import type { Verdict, VerifyMode } from '#lib/audit/seal/finding.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { now } from '#lib/clock.ts'
import { env } from '#lib/env.ts'
import { reportSealEvent } from './report-seal-event.ts'
import { readVerifierKey } from './seal-key.ts'

type Plan = {
  readonly home: string
  readonly anchors: readonly Anchor[]
  readonly mode?: VerifyMode
  /** why it is done: asked for by an operator, unless a run says otherwise */
  readonly cause?: string
  readonly onProgress?: (done: number, of: number) => void
}

/** Findings that are kept with a result. */
const keptFindings = 100

/**
 * Verifies what was sealed, and writes the result down.
 * @returns the verdict, and the number under which it is kept; a trail without a tree has none
 */
export const verifyAndRemember = async (
  client: Client,
  { home, anchors, mode = { kind: 'full' }, cause = 'operator', onProgress }: Plan,
): Promise<{ verdict: Verdict; id: string | null }> => {
  const startedAt = now()
  const incarnation = (await readSealState(client))?.incarnation ?? 1
  const verdict = await verifyTrail(client, readVerifierKey(home, incarnation), anchors, {
    mode,
    writerKeys: readAttestationKeys(env.attestationKeyFile ?? attestationKeyFile(home)),
    archives: archiveSource(home),
    ...(onProgress && { onProgress }),
  })
  const id = verdict.incarnation > 0 ? await keep(client, verdict, cause, startedAt) : null
  await reportSealEvent(client, 'AUDIT_VERIFIED', {
    mode: verdict.mode,
    cause,
    tree_size: verdict.treeSize,
    since: verdict.since,
    checked: verdict.checked,
    ok: verdict.ok,
    findings: verdict.findings.length + verdict.more,
    unreached: verdict.unreached,
  })
  return { verdict, id }
}

const keep = async (client: Client, verdict: Verdict, cause: string, startedAt: Date): Promise<string> => {
  await client.query('BEGIN')
  try {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO audit.verification (incarnation, mode, tree_size, root, ok, findings, sealed_through, started_at, since_size, checked, cause, unreached)
       VALUES ($1, $2, $3, decode($4, 'base64'), $5, $6, coalesce($7, (SELECT max(v.sealed_through) FROM audit.verification v WHERE v.incarnation = $1)),
         $8, $9, $10, $11, $12) RETURNING id::text`,
      [
        verdict.incarnation,
        verdict.mode,
        verdict.treeSize,
        verdict.root,
        verdict.ok,
        verdict.findings.length + verdict.more,
        verdict.sealedThrough,
        startedAt,
        verdict.since,
        verdict.checked,
        cause,
        verdict.unreached,
      ],
    )
    const listed = verdict.findings.slice(0, keptFindings)
    await client.query(
      `INSERT INTO audit.verification_finding (verification_id, ordinal, kind, leaf_index, log_id, detail)
       SELECT $1, n.ordinality, n.kind, n.leaf_index, n.log_id, left(n.detail, 500)
         FROM unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[]) WITH ORDINALITY AS n (kind, leaf_index, log_id, detail, ordinality)`,
      [
        rows[0]?.id,
        listed.map((each) => each.kind),
        listed.map((each) => each.leafIndex),
        listed.map((each) => each.logId),
        listed.map((each) => each.detail),
      ],
    )
    await client.query('COMMIT')
    return rows[0]?.id ?? ''
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
