import 'server-only'

import { listShredRequests } from '#lib/phi/shred/shred-request.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** A request to destroy a record, for a page: by its own reference, and with nothing that says whose record it is. */
export type PendingDestruction = {
  /** what the second person confirms by: `vigil keys shred --confirm REFERENCE` */
  readonly reference: string
  readonly askedBy: string
  readonly askedAt: string
  /** after this nobody can confirm it any more */
  readonly expiresAt: string
  /** `second-person`: another one has to confirm; `unfinished`: confirmed, and to be finished with --resume */
  readonly waitsFor: 'second-person' | 'unfinished'
  /** confirmation is refused while a legal hold stands on the record */
  readonly isHeld: boolean
}

/**
 * Requests that are open, newest first. Administrators and compliance officers alone see any.
 * @throws AuditUnavailable when the database does not answer
 */
export async function listPendingDestructions(actor: Actor): Promise<PendingDestruction[]> {
  const requests = await listShredRequests(actor)
  return requests.map((request) => ({
    reference: request.requestId,
    askedBy: request.requestedBy ?? '',
    askedAt: request.requestedAt.toISOString(),
    expiresAt: request.expiresAt.toISOString(),
    waitsFor: request.state === 'requested' ? 'second-person' : 'unfinished',
    isHeld: request.isHeld,
  }))
}
