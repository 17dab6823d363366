import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'

export type AccountingStep = { kind: 'provide' } | { kind: 'extend'; reason: string }
export type AccountingStepOutcome = { kind: 'done' } | { kind: 'already-done' } | { kind: 'not-found' }

/**
 * Gives the accounting that a patient asked for, as the ledger stands now, or takes 30 more days with the reason, once
 * (164.528(c)(1)). Whoever asked is told.
 */
export async function stepAccounting(
  actor: Actor,
  patientId: string,
  requestId: string,
  step: AccountingStep,
): Promise<Outcome<AccountingStepOutcome>> {
  const isExtension = step.kind === 'extend'
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'disclosure-ledger',
        action: 'UPDATE',
        patients: [patientId],
        fields: isExtension ? { AccountingRequest: ['extensionReason'] } : {},
        resourceType: 'AccountingRequest',
        resourceId: requestId,
      },
      async (record): Promise<AccountingStepOutcome> => {
        const row = await record.accountingRequest.findFirst({
          where: { id: requestId, patientId },
          select: { id: true, status: true },
        })
        if (!row) return { kind: 'not-found' }
        if (row.status === 'provided' || (isExtension && row.status === 'extended'))
          return { kind: 'already-done' }
        await record.accountingRequest.update({
          where: { id: requestId },
          data: isExtension ? { status: 'extended', extensionReason: step.reason } : { status: 'provided' },
          select: { id: true },
        })
        return { kind: 'done' }
      },
    ),
  )
}
