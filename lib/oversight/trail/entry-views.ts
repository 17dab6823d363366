import 'server-only'

import type { TrailRow } from '#lib/audit/read-trail.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import { views } from '#lib/policy/views.ts'
import type { TrailEntryView } from './view.ts'
import { purposeInWords, refusalInWords } from './words.ts'

/** Rows as the pages show them. */
export async function entryViews(rows: readonly TrailRow[]): Promise<TrailEntryView[]> {
  const references = await patientReferences(rows.map((row) => row.patient_id))
  return rows.map((row) => ({
    logId: row.log_id,
    at: row.accessed_at.toISOString(),
    atExact: row.at_exact,
    actorId: row.actor_user_id,
    actorName: row.actor_name ?? personWithoutName(row.actor_role),
    actorTitle:
      row.actor_title ??
      (row.actor_role === null ? '' : (roleNames[row.actor_role as Role] ?? row.actor_role)),
    patientReference: references.get(row.patient_id) ?? '',
    action: row.action_type,
    view: row.view,
    viewAbout: row.view in views ? views[row.view as keyof typeof views].about : row.view,
    fields: row.changed_fields,
    purpose: purposeInWords(row.purpose),
    outcome: row.outcome,
    refusal: row.outcome === 'DENIED' ? refusalInWords(row.reason) : null,
    relation: row.relation,
    clientIp: row.client_ip,
    isEmergency: row.break_glass_id !== null,
    isExplained: row.is_explained,
  }))
}

/** A patient's own name is not the trail's to show. */
function personWithoutName(role: string | null): string {
  if (role === 'patient') return 'A patient, from a portal account'
  if (role === 'proxy') return 'A proxy, from a portal account'
  return 'Unknown account'
}
