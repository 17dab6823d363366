import 'server-only'

import { findMyRecords } from '#lib/phi/find-my-records.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ViewName } from '#lib/policy/views.ts'
import type { WhoseView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

/** The view of each part that a name may be read by; billing has no page for patients yet. */
const viewOfPart: Partial<Record<Part, ViewName>> = {
  results: 'my-home',
  summary: 'my-summary',
  notes: 'my-notes',
  'access-log': 'my-access-log',
}

/** The view of the first part that was granted, by which a page may at least say whose record it is. */
export function viewForName(parts: readonly Part[]): ViewName | null {
  return parts.map((part) => viewOfPart[part]).find((view) => view !== undefined) ?? null
}

/** Names of the records that an account may open, for choosing among them. Each name that is read is in the trail. */
export async function nameRecords(actor: Actor): Promise<WhoseView[]> {
  const records = await findMyRecords(actor)
  const named = await Promise.all(records.map((record) => nameRecord(actor, record)))
  return named.filter((whose) => whose !== null).toSorted((a, b) => a.name.localeCompare(b.name))
}

/** The name on one record; null where nothing of it may be opened. */
export async function nameRecord(
  actor: Actor,
  { patientId, parts }: { patientId: string; parts: readonly Part[] },
): Promise<WhoseView | null> {
  const view = viewForName(parts)
  if (!view) return null
  const outcome = await withRecord(
    actor,
    { view, action: 'READ', patients: [patientId], fields: { Patient: nameFields } },
    (record) => record.patient.findUnique({ where: { id: patientId }, select: nameSelect }),
  )
  return outcome.kind === 'granted' && outcome.value ? toWhose(outcome.value) : null
}
