import 'server-only'

import { randomUUID } from 'node:crypto'
import type { Actor } from '#lib/policy/actor.ts'
import { callForRefusal } from './call-for-refusal.ts'
import type { SealedText } from './steps.ts'

export type NewIncident = {
  source: 'CASE' | 'CONCERN' | 'OTHER'
  /** the case or concern it comes from; one incident each */
  sourceId: string | null
  /** account of whoever did it, as far as known */
  accusedId: string | null
  patientId: string | null
}

/** Opens an incident. @throws AuditUnavailable */
export async function openIncidentRow(
  actor: Actor,
  { source, sourceId, accusedId, patientId }: NewIncident,
  text: SealedText,
): Promise<{ incidentId: string; refusal: string | null }> {
  const incidentId = randomUUID()
  const refusal = await callForRefusal('audit.incident_open($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    actor.sessionToken, incidentId, source, sourceId, accusedId, patientId, text.id, text.sealed, actor.clientIp,
  ]) // prettier-ignore
  return { incidentId, refusal }
}

/** Writes on in an incident. @returns the refusal @throws AuditUnavailable */
export const writeIncidentRow = (
  actor: Actor,
  incidentId: string,
  kind: string,
  detail: Record<string, string>,
  text: SealedText,
): Promise<string | null> =>
  callForRefusal('audit.incident_write($1, $2, $3, $4, $5, $6, $7)', [
    actor.sessionToken, incidentId, kind, JSON.stringify(detail), text.id, text.sealed, actor.clientIp,
  ]) // prettier-ignore
