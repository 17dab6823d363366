import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { clinicInstant } from '#lib/records/shared/clinic-instant.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { AddCarerInput } from './input.ts'

export type AddCarerOutcome =
  { kind: 'added' } | { kind: 'already-added' } | { kind: 'invalid'; field: string; message: string }

const dayMilliseconds = 86_400_000

/**
 * Lets a person or a team care for a patient for a period, which opens the record to them, with the reason. The last
 * day counts whole. The same form sent twice adds one row.
 */
export async function addCarer(
  actor: Actor,
  patientId: string,
  input: AddCarerInput,
): Promise<Outcome<AddCarerOutcome>> {
  const startsAt = input.from === null ? now() : clinicInstant(input.from, '00:00')
  const lastDay = input.until === null ? null : clinicInstant(input.until, '00:00')
  const endsAt = lastDay && new Date(lastDay.getTime() + dayMilliseconds)
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'care-team',
        action: 'UPDATE',
        patients: [patientId],
        fields: { CareRelationship: ['reason'] },
        resourceType: 'CareRelationship',
        resourceId: input.key,
      },
      async (record): Promise<AddCarerOutcome> => {
        if (!startsAt) return { kind: 'invalid', field: 'from', message: 'Enter a day, such as 2026-12-01' }
        if (endsAt && endsAt <= now())
          return { kind: 'invalid', field: 'until', message: 'The last day is in the past' }
        const [kind, carerId = ''] = input.carer.split(':')
        const carer = kind === 'team' ? { careTeamId: carerId } : { accountId: carerId }
        const known = await record.careRelationship.findMany({
          where: {
            patientId,
            OR: [{ id: input.key }, { ...carer, startsAt: { lte: startsAt }, endsAt: null }],
          },
          take: 2,
          select: { id: true },
        })
        if (known.some(({ id }) => id === input.key)) return { kind: 'already-added' }
        if (known.length > 0)
          return { kind: 'invalid', field: 'carer', message: 'They already care for this patient' }
        await record.careRelationship.create({
          data: { id: input.key, patientId, ...carer, startsAt, endsAt, reason: input.reason },
          select: { id: true },
        })
        return { kind: 'added' }
      },
    ),
  )
}
