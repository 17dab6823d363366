import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'

export type ConcernStep = { kind: 'acknowledge' } | { kind: 'answer'; answer: string }
export type StepOutcome = { kind: 'done' } | { kind: 'already-done' } | { kind: 'not-found' }

/**
 * Takes a concern in hand, or answers it. The answer is for good, and whoever reported the concern is told that there is one. The
 * database names the officer and the time, refuses steps that do not follow, and refuses the person that the concern is about.
 */
export async function stepConcern(
  actor: Actor,
  patientId: string,
  concernId: string,
  step: ConcernStep,
): Promise<Outcome<StepOutcome>> {
  const isAnswer = step.kind === 'answer'
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'concern-work',
        action: 'UPDATE',
        patients: [patientId],
        fields: isAnswer ? { Concern: ['answer'] } : {},
        resourceType: 'Concern',
        resourceId: concernId,
      },
      async (record): Promise<StepOutcome> => {
        const row = await record.concern.findFirst({
          where: { id: concernId, patientId },
          select: { id: true, status: true },
        })
        if (!row) return { kind: 'not-found' }
        if (row.status === 'answered' || (row.status === 'acknowledged' && !isAnswer))
          return { kind: 'already-done' }
        await record.concern.update({
          where: { id: concernId },
          data: isAnswer ? { status: 'answered', answer: step.answer } : { status: 'acknowledged' },
          select: { id: true },
        })
        return { kind: 'done' }
      },
    ),
  )
}
