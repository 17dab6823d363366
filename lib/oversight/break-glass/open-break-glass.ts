import 'server-only'

import { endLease, openLease } from '#lib/audit/break-glass/steps.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { refusalText } from './words.ts'

/**
 * Opens what was asked for, right after a one-time code was shown.
 * @returns why not, in a sentence; null when the record is open
 * @throws AuditUnavailable
 */
export async function openBreakGlass(actor: Actor, leaseId: string): Promise<string | null> {
  const refusal = await openLease(actor, leaseId)
  return refusal === null ? null : refusalText(refusal)
}

/** Ends an emergency access: one's own, or as compliance anybody's. @returns why not, in a sentence @throws AuditUnavailable */
export async function endBreakGlass(actor: Actor, leaseId: string): Promise<string | null> {
  const refusal = await endLease(actor, leaseId)
  return refusal === null ? null : refusalText(refusal)
}
