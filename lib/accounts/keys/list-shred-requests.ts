import 'server-only'

import { patientReferences } from '#lib/phi/patient-reference.ts'
import { listShredRequests, type ShredState } from '#lib/phi/shred/shred-request.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ShredRequestView } from './view.ts'

const states: Readonly<Record<ShredState, string>> = {
  requested: 'Waits for a second person',
  confirmed: 'Confirmed; waits to be carried out',
  started: 'Being carried out',
  'keys-destroyed': 'Keys are destroyed; the search index is being cleared',
  'tokens-removed': 'Keys and search index are gone; being closed',
  done: 'Done',
  cancelled: 'Taken back',
  expired: 'Ran out',
}

/**
 * Requests to destroy a patient's keys that are still open. A record is named by the reference that the audit trail shows
 * too, and by nothing else; while keys cannot be had, not even by that.
 * @throws AuditUnavailable
 */
export async function listOpenShredRequests(actor: Actor): Promise<ShredRequestView[]> {
  const requests = await listShredRequests(actor)
  if (requests.length === 0) return []
  const references = await patientReferences(requests.map(({ patientId }) => patientId)).catch(
    () => new Map<string, string>(),
  )
  return requests.map((request) => ({
    requestId: request.requestId,
    reference: references.get(request.patientId) ?? 'Not known now',
    state: states[request.state],
    requestedAt: request.requestedAt.toISOString(),
    requestedBy: request.requestedBy ?? 'Not known',
    expiresAt: request.expiresAt.toISOString(),
    isHeld: request.isHeld,
  }))
}
