import 'server-only'

import { z } from 'zod'
import { openTexts } from '#lib/accounts/sealed-text.ts'
import { readWatching } from '#lib/audit/read-watching.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { views } from '#lib/policy/views.ts'
import { explanations, explanationTags } from '#lib/watch/explanations.ts'
import { actionNames } from '#lib/oversight/trail/words.ts'
import { caseRow, caseView, calendarDay } from './case-view.ts'
import type { CaseDetailView } from './view.ts'

const accessRow = z.object({
  log_id: z.string(),
  accessed_at: z.date(),
  at_exact: z.string(),
  patient_id: z.string(),
  action_type: z.string(),
  view: z.string(),
  outcome: z.string(),
  is_explained: z.boolean().nullable(),
})
const decisionRow = z.object({
  kind: z.enum(['EXPLAINED', 'ESCALATED', 'SUPPRESSED']),
  text_id: z.string(),
  text_sealed: z.string(),
  until: z.date().nullable(),
  decided_at: z.date(),
  decided_by: z.string().nullable(),
})

/** How many accesses of one case the database hands out (audit.read_case_accesses). */
const accessesMax = 200

/**
 * One case: the rules that found it with their numbers, what documented care was looked for, the accesses themselves, and what
 * was decided. Opening it is on record.
 * @returns null when there is none, when it is about the reader, and when the reader is refused
 */
export async function openCase(actor: Actor, caseId: string): Promise<CaseDetailView | null> {
  if (!z.uuid().safeParse(caseId).success) return null
  const answers = await readWatching(actor, 'CASE_OPENED', { case: caseId }, [
    'read_case',
    'read_case_accesses',
    'read_case_decisions',
  ])
  const [row] = z.array(caseRow).parse(answers?.[0] ?? [])
  if (!row) return null
  const accesses = z.array(accessRow).parse(answers?.[1])
  const decisions = z.array(decisionRow).parse(answers?.[2])
  const references = await patientReferences([
    ...accesses.map(({ patient_id: patient }) => patient),
    ...(row.patient_id === null ? [] : [row.patient_id]),
  ])
  const texts = await openTexts(decisions.map((each) => ({ id: each.text_id, sealed: each.text_sealed })))
  return {
    summary: caseView(row, references),
    explained: row.tags.map((tag) => explanations[tag].about),
    missing:
      row.patient_id === null
        ? []
        : explanationTags
            .filter((tag) => !row.tags.includes(tag) && explanations[tag].isRemark === undefined)
            .map((tag) => explanations[tag].about),
    accesses: accesses.map((each) => ({
      logId: each.log_id,
      at: each.accessed_at.toISOString(),
      atExact: each.at_exact,
      patientReference: references.get(each.patient_id) ?? '',
      action: actionNames[each.action_type] ?? each.action_type,
      about: each.view in views ? views[each.view as keyof typeof views].about : each.view,
      isExplained: each.is_explained,
      outcome: each.outcome,
    })),
    isCut: accesses.length >= accessesMax,
    decisions: decisions.map((each) => ({
      kind: each.kind,
      by: each.decided_by ?? 'Unknown account',
      at: each.decided_at.toISOString(),
      reason: texts.get(each.text_id) ?? '',
      until: each.until === null ? null : calendarDay(each.until),
    })),
  }
}
