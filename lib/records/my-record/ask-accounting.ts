import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { accountingPeriod } from '#lib/records/shared/accounting-request.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { AccountingInput } from './input.ts'

export type AskOutcome =
  { kind: 'asked' } | { kind: 'already-asked' } | { kind: 'invalid'; field: string; message: string }

/**
 * Asks for an accounting of disclosures of a period within the last six years (164.528(a)(1)). It is due in 60 days; while one
 * request is open, asking again for the same days changes nothing.
 */
export async function askAccounting(
  actor: Actor,
  patientId: string,
  input: AccountingInput,
): Promise<Outcome<AskOutcome>> {
  const period = accountingPeriod(input.from, input.to, now())
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'my-disclosures',
        action: 'CREATE',
        patients: [patientId],
        fields: {},
        resourceType: 'AccountingRequest',
        resourceId: input.key,
      },
      async (record): Promise<AskOutcome> => {
        if (!period)
          return { kind: 'invalid', field: 'from', message: 'Choose days within the last six years' }
        const known = await record.accountingRequest.findFirst({
          where: {
            patientId,
            OR: [
              { id: input.key },
              { periodFrom: period.from, periodTo: period.to, status: { not: 'provided' } },
            ],
          },
          select: { id: true },
        })
        if (known) return { kind: 'already-asked' }
        await record.accountingRequest.create({
          data: { id: input.key, patientId, periodFrom: period.from, periodTo: period.to },
          select: { id: true },
        })
        return { kind: 'asked' }
      },
    ),
  )
}
