import 'server-only'

import { z } from 'zod'
import { askTrail } from '#lib/audit/read-trail.ts'
import { clinic } from '#lib/clinic.ts'
import { now } from '#lib/clock.ts'
import { localDay } from '#lib/format.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { TrailFilter } from './criteria.ts'
import { listTrailActors } from './list-actors.ts'
import { localInstants } from './local-instants.ts'
import { isPlace } from './open-entry.ts'
import { searchTrail } from './search-trail.ts'
import type { TimelineView } from './view.ts'

type Asked = { month: string | undefined; after: string | null }

/**
 * All that touched one patient's record in a month. The patient is named by an entry of the trail, so that no address says
 * whose record it is; that the entry was opened, and the search, are on record.
 */
export async function openPatientTimeline(
  actor: Actor,
  place: { logId: string; at: string },
  asked: Asked,
): Promise<TimelineView | null> {
  if (!isPlace(place.logId, place.at)) return null
  const criteria = { log_id: place.logId, accessed_at: place.at }
  const rows = await askTrail(actor, 'AUDIT_EVENT_OPENED', criteria, (read) => read.event())
  const patient = rows?.find((row) => row.is_subject)?.patient_id
  if (patient === undefined) return null
  const subject = (await patientReferences([patient])).get(patient) ?? ''
  return openMonth(actor, subject, asked, { patients: [patient] })
}

/** All that one person did to records in a month; the search is on record. A patient's own account has no name here. */
export async function openActorTimeline(
  actor: Actor,
  accountId: string,
  asked: Asked,
): Promise<TimelineView | null> {
  if (!z.uuid().safeParse(accountId).success) return null
  const people = await listTrailActors(actor)
  const name = people.find((person) => person.accountId === accountId)?.name ?? 'A portal account'
  return openMonth(actor, name, asked, { actor: accountId })
}

async function openMonth(
  actor: Actor,
  subject: string,
  { month, after }: Asked,
  about: { patients: string[] } | { actor: string },
): Promise<TimelineView | null> {
  const period = monthOf(month)
  const filter: TrailFilter = {
    form: { zone: clinic.timeZone, ...('actor' in about ? { actor: about.actor } : {}) },
    from: period.from,
    to: period.to,
    patients: 'patients' in about ? about.patients : null,
    tooMany: false,
  }
  const scope = JSON.stringify([about, period.month])
  const page = await searchTrail(actor, filter, {
    scope,
    order: { sort: 'time', direction: 'descending' },
    after,
  })
  return page && { subject, ...period, page }
}

/** A month in the clinic's zone; the present one when the text names none. */
function monthOf(text: string | undefined): { month: string; from: string; to: string } {
  const month = /^20\d{2}-(0[1-9]|1[0-2])$/.test(text ?? '')
    ? (text ?? '')
    : localDay(now().toISOString()).slice(0, 7)
  const first = new Date(`${month}-01T00:00:00Z`)
  first.setUTCMonth(first.getUTCMonth() + 1)
  const midnight = (day: string): string =>
    new Date(localInstants(`${day}T00:00`, clinic.timeZone)?.[0] ?? 0).toISOString()
  return { month, from: midnight(`${month}-01`), to: midnight(first.toISOString().slice(0, 10)) }
}
