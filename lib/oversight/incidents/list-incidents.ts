import 'server-only'

import { askOversight, type IncidentRow } from '#lib/audit/break-glass/ask-oversight.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { IncidentView } from './view.ts'

/** Incidents, the open ones first by the day on which people must be told. The reading is on record. @throws AuditUnavailable */
export async function listIncidents(actor: Actor): Promise<IncidentView[]> {
  const rows = await askOversight(actor, 'INCIDENT_READ', {}, (read) => read<IncidentRow>('incidents'))
  return incidentViews(rows ?? [])
}

const week = 7 * 86_400_000

/** Rows as the pages show them. */
export async function incidentViews(rows: readonly IncidentRow[]): Promise<IncidentView[]> {
  const references = await patientReferences(rows.flatMap(({ patient_id: id }) => (id === null ? [] : [id])))
  return rows.map((row) => ({
    id: row.id,
    source: sourceNames[row.source] ?? row.source,
    sourceId: row.source_id,
    sourceKind: row.source as IncidentView['sourceKind'],
    accusedName: row.accused_name,
    patientReference: row.patient_id === null ? null : (references.get(row.patient_id) ?? null),
    ...stateOf(row),
    openedBy: row.opened_by ?? 'Unknown account',
    openedAt: row.opened_at.toISOString(),
    notifyBy: row.notify_by.toISOString(),
    isDueSoon:
      row.state !== 'CLOSED' &&
      row.patient_told_at === null &&
      row.outcome !== 'LOW_PROBABILITY' &&
      row.notify_by.getTime() - row.db_now.getTime() < week,
    isBreach: row.outcome === 'BREACH',
    patientToldAt: row.patient_told_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
  }))
}

const sourceNames: Readonly<Record<string, string>> = {
  BREAK_GLASS: 'Emergency access that was not justified',
  CASE: 'Case of watching accesses',
  CONCERN: 'Concern of a patient',
  OTHER: 'Reported by hand',
}

function stateOf(row: IncidentRow): Pick<IncidentView, 'state' | 'tone'> {
  const found = row.outcome === 'BREACH' ? 'breach' : 'low probability of compromise'
  if (row.state === 'CLOSED') return { state: `Closed: ${found}`, tone: 'ok' }
  if (row.state === 'ASSESSED')
    return { state: `Assessed: ${found}`, tone: row.outcome === 'BREACH' ? 'bad' : 'info' }
  return { state: 'To assess', tone: 'warn' }
}
