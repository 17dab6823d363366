import 'server-only'

import { dateInWords } from './date-words.ts'
import type { MyConditionView, MySummaryView } from './view.ts'

export const conditionSelect = {
  id: true,
  clinicalStatus: true,
  verificationStatus: true,
  onsetAt: true,
  abatedAt: true,
  severity: true,
  display: true,
  onsetText: true,
  note: true,
} as const

type Row = {
  id: string
  clinicalStatus: string | null
  verificationStatus: string | null
  onsetAt: Date | null
  abatedAt: Date | null
  severity: string | null
  display: string
  onsetText: string | null
  note: string | null
}

/** Conditions that the patient has and those that are over; refuted ones and mistakes are none. */
export function toConditions(rows: readonly Row[]): MySummaryView['conditions'] {
  const real = rows.filter(
    (row) => row.verificationStatus !== 'refuted' && row.verificationStatus !== 'entered-in-error',
  )
  return {
    active: real.filter((row) => !isOver(row)).map(toView),
    past: real.filter(isOver).map(toView),
  }
}

/** FHIR R4 Condition.clinicalStatus; a condition without one counts as present. */
function isOver({ clinicalStatus }: Row): boolean {
  return clinicalStatus === 'inactive' || clinicalStatus === 'remission' || clinicalStatus === 'resolved'
}

function toView(row: Row): MyConditionView {
  return {
    id: row.id,
    name: row.display,
    since: dateInWords(row.onsetText, row.onsetAt),
    until: dateInWords(null, row.abatedAt),
    severity: row.severity,
    note: row.note,
  }
}
