import 'server-only'

import { now } from '#lib/clock.ts'
import { proveMyEntry, type MyProof } from '#lib/phi/prove-my-entry.ts'
import { readWhoLooked } from '#lib/phi/read-who-looked.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { isOwnSide, toView } from './group-accesses.ts'
import { toRow } from './trail-pages.ts'
import { trailInterval } from './trail-period.ts'
import type { AccessEntryView, ProofView, WhoseView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

/** One entry of the record's trail in words, with its proof. Null when the record's trail has no such entry. */
export async function openAccessEntry(
  actor: Actor,
  patientId: string,
  logId: string,
): Promise<Outcome<AccessEntryView | null>> {
  const access = { view: 'my-access-log', action: 'READ', patients: [patientId] } as const
  const open = async (whose: WhoseView | null): Promise<AccessEntryView | null> => {
    const [row] = await readWhoLooked({ ...trailInterval('all'), limit: 1, before: null, logId })
    if (!row) return null
    const proof = await proveMyEntry(logId, now())
    if (proof.kind === 'not-found') return null
    const entry = toRow(row)
    return {
      whose,
      access: toView(entry, actor.role === 'proxy' ? 'proxy' : 'self'),
      at: entry.at,
      own: isOwnSide(entry),
      proof: toProofView(proof),
    }
  }
  const outcome = await withRecord(actor, { ...access, fields: { Patient: nameFields } }, async (record) => {
    const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
    return patient ? open(toWhose(patient)) : null
  })
  if (outcome.kind === 'granted' || outcome.reason !== 'record-destroyed') return outcome
  return withRecord(actor, { ...access, fields: {} }, () => open(null))
}

function toProofView(proof: Exclude<MyProof, { kind: 'not-found' }>): ProofView {
  if (proof.kind !== 'proven') return proof
  const { leafIndex, treeSize, leafHash, bundle } = proof
  return {
    kind: 'proven',
    leafIndex,
    treeSize,
    fingerprint: leafHash,
    checkpoint: bundle.checkpoint,
    verifierKey: bundle.verifierKey,
  }
}
