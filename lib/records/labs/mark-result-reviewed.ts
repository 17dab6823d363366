import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toFlag, urgency } from '#lib/records/shared/result-row.ts'
import { notMistaken } from './chart-result-row.ts'
import type { ReviewInput } from './input.ts'

export type ReviewOutcome =
  | { kind: 'reviewed' }
  /** Somebody was here before, or the same form arrived twice: nothing was changed. */
  | { kind: 'already-reviewed' }
  | { kind: 'comment-needed' }
  | { kind: 'not-found' }

/**
 * Notes that the actor has looked at a result, with a comment that the patient can read. A critical result needs one:
 * what was done about it has to stand beside it. The row itself is the idempotency key: it can be reviewed once.
 */
export async function markResultReviewed(
  actor: Actor,
  patientId: string,
  resultId: string,
  input: ReviewInput,
): Promise<Outcome<ReviewOutcome>> {
  return withRecord(
    actor,
    {
      view: 'chart-results',
      action: 'UPDATE',
      patients: [patientId],
      fields: { Observation: ['interpretation', 'note'] },
      resourceType: 'Observation',
      resourceId: resultId,
    },
    async (record): Promise<ReviewOutcome> => {
      const row = await record.observation.findFirst({
        where: { id: resultId, patientId, kind: 'laboratory' },
        select: { id: true, version: true, reviewedAt: true, interpretation: true, note: true },
      })
      if (!row) return { kind: 'not-found' }
      if (row.reviewedAt) return { kind: 'already-reviewed' }
      if (urgency(toFlag(row.interpretation)) === 3 && input.comment === '') return { kind: 'comment-needed' }
      if (!(await claim(record, actor, row))) return { kind: 'already-reviewed' }
      if (input.comment !== '') {
        await record.observation.update({
          where: { id: row.id },
          data: { note: [row.note, input.comment].filter(Boolean).join('\n\n') },
          select: { id: true },
        })
      }
      await refreshAttention(record, patientId)
      return { kind: 'reviewed' }
    },
  )
}

/** Takes the review for the actor; false when another request was quicker. */
async function claim(
  record: RecordClient,
  actor: Actor,
  row: { id: string; version: number },
): Promise<boolean> {
  const { count } = await record.observation.updateMany({
    where: { id: row.id, version: row.version, reviewedAt: null },
    data: { reviewedAt: now(), reviewedBy: actor.accountId },
  })
  return count === 1
}

/** The patient's place in the worklist is that of the newest result which still waits. */
async function refreshAttention(record: RecordClient, patientId: string): Promise<void> {
  const waiting = await record.observation.findFirst({
    where: { patientId, kind: 'laboratory', reviewedAt: null, ...notMistaken },
    orderBy: [{ issuedAt: { sort: 'desc', nulls: 'last' } }, { effectiveAt: 'desc' }],
    select: { issuedAt: true, effectiveAt: true },
  })
  await record.patient.update({
    where: { id: patientId },
    data: { attentionAt: waiting?.issuedAt ?? waiting?.effectiveAt ?? null },
    select: { id: true },
  })
}
