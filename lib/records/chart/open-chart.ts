import 'server-only'

import type { Access, Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identityFields } from '#lib/records/shared/identity.ts'
import { readChart } from './read-chart.ts'
import type { ChartView } from './view.ts'

const fields = {
  Patient: identityFields,
  Encounter: ['display', 'kind'],
  Condition: ['display', 'onsetText'],
  AllergyIntolerance: ['kind', 'display', 'criticality', 'reactions'],
  MedicationRequest: ['display', 'dosage', 'refillsRemaining'],
  Observation: ['code', 'display', 'value', 'valueNumber', 'unit', 'interpretation', 'components'],
}

/** What is asked of the door to show the summary of a patient's chart. */
export function chartAccess(patientId: string): Access {
  return {
    view: 'chart-summary',
    action: 'READ',
    patients: [patientId],
    fields,
    resourceType: 'Patient',
    resourceId: patientId,
  }
}

/** The summary of a chart: whose it is, what waits, how they are, what they have and take. Null when there is no such patient. */
export async function openChart(actor: Actor, patientId: string): Promise<Outcome<ChartView | null>> {
  return withRecord(actor, chartAccess(patientId), (record) => readChart(record, patientId))
}
