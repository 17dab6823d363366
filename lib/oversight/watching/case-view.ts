import 'server-only'

import { z } from 'zod'
import { findingInWords } from '#lib/watch/detectors.ts'
import { accessRules, actorRules } from '#lib/watch/detectors/detector.ts'
import { explanationTags } from '#lib/watch/explanations.ts'
import type { CaseView } from './view.ts'

const day = z.date().transform((date) => calendarDay(date))

/** A row of audit.read_cases. */
export const caseRow = z.object({
  id: z.string(),
  actor_id: z.string(),
  actor_name: z.string().nullable(),
  actor_title: z.string().nullable(),
  patient_id: z.string().nullable(),
  day,
  score: z.number(),
  findings: z.array(
    z.object({
      rule: z.enum([...accessRules, ...actorRules]),
      weight: z.number(),
      numbers: z.record(z.string(), z.number()),
    }),
  ),
  tags: z.array(z.enum(explanationTags)),
  state: z.enum(['OPEN', 'EXPLAINED', 'ESCALATED', 'SUPPRESSED', 'HELD', 'BELOW', 'WITHDRAWN']),
})

/** A row as the pages show it, with the rules in words, the heaviest first. */
export function caseView(row: z.infer<typeof caseRow>, references: ReadonlyMap<string, string>): CaseView {
  return {
    id: row.id,
    day: row.day,
    actorId: row.actor_id,
    actorName: row.actor_name ?? 'Unknown account',
    actorTitle: row.actor_title ?? '',
    patientReference: row.patient_id === null ? null : (references.get(row.patient_id) ?? ''),
    score: row.score,
    state: row.state,
    findings: row.findings
      .toSorted((left, right) => right.weight - left.weight)
      .map(({ rule, weight, numbers }) => ({ rule, weight, ...findingInWords(rule, numbers) })),
  }
}

/** A calendar day as the driver gives it: midnight of this process's own zone. */
export function calendarDay(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
