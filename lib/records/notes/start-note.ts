import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identityFields } from '#lib/records/shared/identity.ts'
import { allergyFields } from '#lib/records/shared/allergy-word.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { today } from '#lib/records/shared/today.ts'
import { recentVisits, toVisit } from './visits.ts'
import type { NewNoteView } from './view.ts'

/** A new note has no text to read: whose chart it goes into, and the visits it can be about. */
const fields = {
  Patient: identityFields,
  AllergyIntolerance: allergyFields,
  Encounter: ['display', 'kind'],
}

/** What the page for a new note shows. Nothing is written until something is typed. Null when there is no such patient. */
export async function startNote(actor: Actor, patientId: string): Promise<Outcome<NewNoteView | null>> {
  return withRecord(
    actor,
    { view: 'chart-notes', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({
        where: { id: patientId },
        select: { ...bannerSelect, encounters: recentVisits() },
      })
      return patient && { banner: toBanner(patient, today()), visits: patient.encounters.flatMap(toVisit) }
    },
  )
}
