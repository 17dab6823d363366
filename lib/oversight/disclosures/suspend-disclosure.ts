import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { clinicInstant } from '#lib/records/shared/clinic-instant.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { SuspensionInput } from './input.ts'

export type SuspendOutcome =
  { kind: 'suspended' } | { kind: 'invalid'; field: string; message: string } | { kind: 'not-found' }

const dayMilliseconds = 86_400_000
/** An oral statement holds for no longer, unless a written one follows (164.528(a)(2)(ii)). */
const oralDays = 30

/**
 * Writes down that a health oversight agency or law enforcement asked for silence about a disclosure until a day (164.528(a)(2)).
 * Until then the patient is not told of it: row security leaves it out, corrections of it too.
 */
export async function suspendDisclosure(
  actor: Actor,
  patientId: string,
  disclosureId: string,
  input: SuspensionInput,
): Promise<Outcome<SuspendOutcome>> {
  const lastDay = clinicInstant(input.until, '00:00')
  const isOral = input.form === 'oral'
  const latest = now().getTime() + oralDays * dayMilliseconds
  const endOfDay = lastDay && lastDay.getTime() + dayMilliseconds
  // Thirty days end within a day: the last one counts as far as the thirty days reach.
  const endsAt = endOfDay && new Date(isOral && lastDay.getTime() < latest ? Math.min(endOfDay, latest) : endOfDay) // prettier-ignore
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'disclosure-ledger',
        action: 'CREATE',
        patients: [patientId],
        fields: { DisclosureSuspension: ['authority', 'statement'] },
        resourceType: 'DisclosureSuspension',
        resourceId: input.key,
      },
      async (record): Promise<SuspendOutcome> => {
        if (!endsAt || endsAt <= now())
          return { kind: 'invalid', field: 'until', message: 'Enter a day from today on' }
        if (isOral && endsAt.getTime() > latest)
          return {
            kind: 'invalid',
            field: 'until',
            message: 'An oral statement holds for 30 days. Ask for it in writing.',
          }
        const row = await record.disclosure.findFirst({
          where: { id: disclosureId, patientId },
          select: { id: true, suspensions: { where: { id: input.key }, take: 1, select: { id: true } } },
        })
        if (!row) return { kind: 'not-found' }
        if (row.suspensions.length === 0)
          await record.disclosureSuspension.create({
            data: {
              id: input.key,
              patientId,
              disclosureId,
              isOral,
              endsAt,
              authority: input.authority,
              statement: input.statement,
            },
            select: { id: true },
          })
        return { kind: 'suspended' }
      },
    ),
  )
}
