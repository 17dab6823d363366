import 'server-only'

import { z } from 'zod'
import { plural } from '#lib/format.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import { views } from '#lib/policy/views.ts'
import type { ReviewAnswerView, ReviewItemView } from './view.ts'
import { outcomeWords } from './words.ts'

/** An account in a review, as audit.review_open gives it. */
export type ItemRow = {
  item_id: string
  display_name: string | null
  job_title: string | null
  role: Role
  present_role: Role
  present_status: string
  evidence: unknown
  decision: string | null
  note_id: string | null
  note_sealed: string | null
  decided_at: Date | null
  decided_by: string | null
  outcome: string | null
  is_self: boolean
}

/** What audit.review_begin wrote down of an account: times, numbers, names of teams and views. */
const evidence = z.object({
  status: z.string(),
  created: z.string(),
  lastUse: z.string().nullable(),
  entries: z.number(),
  patients: z.number(),
  refused: z.number(),
  brokenGlass: z.number(),
  events: z.number(),
  secondFactor: z.boolean(),
  teams: z.array(z.string()),
  unused: z.array(z.string()),
})

/** @param note as it was opened; null when there is none or it does not open */
export function reviewItem(row: ItemRow, note: string | null): ReviewItemView {
  const found = evidence.parse(row.evidence)
  return {
    itemId: row.item_id,
    name: row.display_name ?? '',
    jobTitle: row.job_title ?? '',
    roleName: roleNames[row.role],
    presentRole: row.present_role,
    changed: changedSince(row),
    lastUseAt: found.lastUse,
    unused: found.unused.map((view) => (view in views ? views[view as keyof typeof views].about : view)),
    isSelf: row.is_self,
    answer: answerOf(row, note),
    evidence: [
      {
        label: 'Records',
        value: `${plural(found.entries, 'entry', 'entries')} about ${plural(found.patients, 'patient')}`,
      },
      { label: 'Refused', value: plural(found.refused, 'attempt') },
      { label: 'Emergency access', value: plural(found.brokenGlass, 'time') },
      { label: 'Other actions', value: plural(found.events, 'security event') },
      { label: 'Care teams', value: found.teams.length === 0 ? 'None' : found.teams.join(', ') },
      ...(found.status === 'invited' ? [{ label: 'Login', value: 'Invited, never signed in' }] : []),
      ...(found.secondFactor ? [] : [{ label: 'Second factor', value: 'Not set up' }]),
    ],
  }
}

function changedSince(row: ItemRow): string | null {
  if (row.outcome !== null) return null
  if (row.present_status === 'deactivated') return 'The account was deactivated since the review began.'
  return row.present_role === row.role
    ? null
    : `The role was changed to ${roleNames[row.present_role]} since the review began.`
}

function answerOf(row: ItemRow, note: string | null): ReviewAnswerView | null {
  if (row.outcome === null || row.decided_at === null) return null
  const words = outcomeWords[row.outcome] ?? { text: row.outcome, tone: 'neutral' as const }
  return {
    ...words,
    at: row.decided_at.toISOString(),
    by: row.decided_by,
    note: row.note_sealed !== null && note === null ? 'This note cannot be opened.' : note,
  }
}
