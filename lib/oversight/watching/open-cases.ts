import 'server-only'

import { z } from 'zod'
import { readWatching } from '#lib/audit/read-watching.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { caseRow, caseView } from './case-view.ts'
import type { CaseListView } from './view.ts'

const pageLength = 100

/** A day that there was: V8 takes the 31st of February for one in March, and the database knows no year 0. */
const aDay = z.iso.date().refine((day) => day >= '1900')

/**
 * Cases by day, the newest first, and in the order of their weight within a day. Reading the list is on record; a case about the
 * reader is not in it.
 * @param before `YYYY-MM-DD`: days before this one
 * @returns null when the reader is refused
 */
export async function openCases(
  actor: Actor,
  state: 'OPEN' | 'DECIDED' | 'ALL',
  before: string | null,
): Promise<CaseListView | null> {
  const day = before !== null && aDay.safeParse(before).success ? before : null
  const answers = await readWatching(
    actor,
    'CASES_LISTED',
    { state, ...(day === null ? {} : { before: day }) },
    ['read_cases'],
  )
  if (answers === null) return null
  const rows = z.array(caseRow).parse(answers[0])
  const shown = rows.slice(0, pageLength)
  const references = await patientReferences(shown.flatMap(({ patient_id: patient }) => patient ?? []))
  return {
    cases: shown.map((row) => caseView(row, references)),
    before: rows.length > pageLength ? (shown.at(-1)?.day ?? null) : null,
  }
}
