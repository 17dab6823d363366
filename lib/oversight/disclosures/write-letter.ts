import 'server-only'

import { now } from '#lib/clock.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import {
  accountingOf,
  disclosureFields,
  inPages,
  pageSize,
  readLedger,
} from '#lib/records/shared/accounting.ts'
import { writeAccountingLetter } from '#lib/records/shared/accounting-letter.ts'
import { accountingPeriod } from '#lib/records/shared/accounting-request.ts'
import type { LetterInput } from './input.ts'

/**
 * The accounting of a period as a letter to be sent by mail, as the ledger stands now, without what an agency asks for silence
 * about. The officer types whom it goes to, since compliance sees no name in a record; it is kept nowhere. Null when the
 * period does not lie within the last six years.
 */
export async function writeLetter(
  actor: Actor,
  patientId: string,
  input: LetterInput,
): Promise<Outcome<Buffer | null>> {
  const present = now()
  const period = accountingPeriod(input.from, input.to, present)
  const outcome = await withRecord(
    actor,
    {
      view: 'disclosure-ledger',
      action: 'EXPORT',
      patients: [patientId],
      fields: { Disclosure: disclosureFields },
    },
    async (record) => ({
      ledger: await readLedger(record, patientId),
      silent: await inPages((after) =>
        record.disclosureSuspension.findMany({
          where: { patientId, startsAt: { lte: present }, endsAt: { gt: present }, ...after },
          orderBy: { id: 'asc' },
          take: pageSize,
          select: { id: true, disclosureId: true },
        }),
      ),
    }),
  )
  if (outcome.kind === 'denied' || !period)
    return outcome.kind === 'denied' ? outcome : { ...outcome, value: null }
  const { ledger, silent } = outcome.value
  const [firstLine = ''] = input.addressee.split(/\r?\n/)
  const reference = (await patientReferences([patientId])).get(patientId) ?? ''
  const value = await writeAccountingLetter({
    addressee: input.addressee,
    patient: `${firstLine} (${reference})`,
    from: input.from,
    to: input.to,
    asOf: present,
    writtenAt: present,
    disclosures: accountingOf(
      ledger,
      { ...period, asOf: present },
      new Set(silent.map(({ disclosureId }) => disclosureId)),
    ),
  })
  return { ...outcome, value }
}
