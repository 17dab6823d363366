import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { disclosureFields } from '#lib/records/shared/accounting.ts'
import { clinicInstant } from '#lib/records/shared/clinic-instant.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { CorrectionInput, DisclosureInput } from './input.ts'

export type RecordOutcome =
  | { kind: 'recorded' }
  | { kind: 'invalid'; field: string; message: string }
  /** another row has taken the place of the wrong one already */
  | { kind: 'already-corrected' }
  | { kind: 'not-found' }

type Dates = { disclosedAt: Date; lastDisclosedAt: Date | null }

/** Writes a disclosure into the ledger, which only grows. The same form sent twice writes one row. */
export function recordDisclosure(
  actor: Actor,
  patientId: string,
  input: DisclosureInput,
): Promise<Outcome<RecordOutcome>> {
  return write(actor, patientId, input, {}, () => Promise.resolve(null))
}

/** Writes a row that takes the place of a wrong one, or says that it never took place. Both stay. */
export function correctDisclosure(
  actor: Actor,
  patientId: string,
  disclosureId: string,
  input: CorrectionInput,
): Promise<Outcome<RecordOutcome>> {
  const correction = {
    correctsId: disclosureId,
    correctionReason: input.reason,
    withdrawn: input.withdrawn,
  }
  return write(actor, patientId, input, correction, async (record) => {
    const row = await record.disclosure.findFirst({
      where: { id: disclosureId, patientId },
      select: { id: true, corrections: { take: 1, select: { id: true } } },
    })
    if (!row) return { kind: 'not-found' }
    const [taken] = row.corrections
    return taken && taken.id !== input.key ? { kind: 'already-corrected' } : null
  })
}

function write(
  actor: Actor,
  patientId: string,
  input: DisclosureInput,
  correction: { correctsId?: string; correctionReason?: string; withdrawn?: boolean },
  check: (record: RecordClient) => Promise<RecordOutcome | null>,
): Promise<Outcome<RecordOutcome>> {
  const dates = datesOf(input)
  const fields = [...disclosureFields, ...(correction.correctsId === undefined ? [] : ['correctionReason'])]
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'disclosure-ledger',
        action: 'CREATE',
        patients: [patientId],
        fields: { Disclosure: fields },
        resourceType: 'Disclosure',
        resourceId: input.key,
      },
      async (record): Promise<RecordOutcome> => {
        if ('kind' in dates) return dates
        const refusal = await check(record)
        if (refusal) return refusal
        const known = await record.disclosure.findFirst({
          where: { id: input.key, patientId },
          select: { id: true },
        })
        if (known) return { kind: 'recorded' }
        const { basis, recipientName, recipientAddress, what, purpose, times } = input
        await record.disclosure.create({
          data: {
            id: input.key,
            patientId,
            ...dates,
            times,
            basis,
            recipientName,
            recipientAddress,
            what,
            purpose,
            ...correction,
          },
          select: { id: true },
        })
        return { kind: 'recorded' }
      },
    ),
  )
}

function datesOf({ date, lastDate }: DisclosureInput): Dates | Extract<RecordOutcome, { kind: 'invalid' }> {
  const disclosedAt = clinicInstant(date, '00:00')
  const lastDisclosedAt = lastDate === null ? null : clinicInstant(lastDate, '00:00')
  if (!disclosedAt) return { kind: 'invalid', field: 'date', message: 'Enter a day, such as 2026-03-31' }
  const isLate = (lastDisclosedAt ?? disclosedAt) > now()
  if (isLate)
    return {
      kind: 'invalid',
      field: lastDate === null ? 'date' : 'lastDate',
      message: 'Record a disclosure after it took place',
    }
  return { disclosedAt, lastDisclosedAt }
}
