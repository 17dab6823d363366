import 'server-only'

import { now } from '#lib/clock.ts'
import { formatDateForPatient } from '#lib/format.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { accountingOf, disclosureFields, readLedger } from '#lib/records/shared/accounting.ts'
import { writeAccountingLetter, type AccountingLetter } from '#lib/records/shared/accounting-letter.ts'
import { requestSelect, toRequest } from '#lib/records/shared/accounting-request.ts'
import { nameFields, printedSelect, toWhose } from './whose.ts'

/**
 * The accounting that was given in answer to a request, as a letter (PDF): the ledger as it stood when it was given, without
 * what an agency asks for silence about just now, which row security hides. Null before it was given, and for a request that
 * is not this record's.
 */
export async function downloadAccounting(
  actor: Actor,
  patientId: string,
  requestId: string,
): Promise<Outcome<Buffer | null>> {
  const outcome = await withRecord(
    actor,
    {
      view: 'my-disclosures',
      action: 'EXPORT',
      patients: [patientId],
      fields: {
        Patient: [...nameFields, 'birthDate'],
        Disclosure: disclosureFields,
        AccountingRequest: ['extensionReason'],
      },
      resourceType: 'AccountingRequest',
      resourceId: requestId,
    },
    async (record): Promise<AccountingLetter | null> => {
      const request = await record.accountingRequest.findFirst({
        where: { id: requestId, patientId, status: 'provided' },
        select: requestSelect,
      })
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: printedSelect })
      if (!request?.providedAt || !patient) return null
      const ledger = await readLedger(record, patientId)
      const { name, birthDate } = toWhose(patient)
      const { from, to } = toRequest(request)
      const scope = { from: request.periodFrom, to: request.periodTo, asOf: request.providedAt }
      return {
        addressee: name,
        patient: birthDate === null ? name : `${name}, born ${formatDateForPatient(birthDate)}`,
        from,
        to,
        asOf: request.providedAt,
        writtenAt: now(),
        disclosures: accountingOf(ledger, scope),
      }
    },
  )
  if (outcome.kind === 'denied') return outcome
  return { ...outcome, value: outcome.value && (await writeAccountingLetter(outcome.value)) }
}
