import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { listIncidentPeople } from './list-incident-people.ts'
import { openIncident } from './write-incident.ts'

/**
 * Opens an incident by hand. Who it is about, where that is a member of staff and known, neither reads it nor writes in it, a
 * compliance officer included: nobody could keep it from them afterwards.
 * @param accusedId one of listIncidentPeople; empty when nobody is named
 * @param text what happened, 15 to 4,000 characters
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function reportIncident(
  actor: Actor,
  accusedId: string,
  text: string,
): Promise<
  { kind: 'opened'; incidentId: string } | { kind: 'refused'; field: 'accused' | 'note'; message: string }
> {
  if (accusedId !== '' && !(await listIncidentPeople(actor)).some(({ value }) => value === accusedId))
    return {
      kind: 'refused',
      field: 'accused',
      message: 'Choose a member of staff from the list, other than yourself',
    }
  const from = { source: 'OTHER', sourceId: null, accusedId: accusedId || null, patientId: null } as const
  const opened = await openIncident(actor, from, text)
  return opened.kind === 'opened' ? opened : { ...opened, field: 'note' }
}
