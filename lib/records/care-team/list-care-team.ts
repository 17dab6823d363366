import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { today } from '#lib/records/shared/today.ts'
import type { CareRelationshipView, CareTeamView } from './view.ts'

const relationshipsMax = 200

/** Who cares for a patient and who did, newest first. Null when there is no such patient. */
export async function listCareTeam(actor: Actor, patientId: string): Promise<Outcome<CareTeamView | null>> {
  return withRecord(actor, { view: 'care-team', action: 'READ', patients: [patientId] }, async (record) => {
    const patient = await record.patient.findUnique({
      where: { id: patientId },
      select: {
        ...bannerSelect,
        careRelationships: {
          orderBy: [{ startsAt: 'desc' }, { id: 'desc' }],
          take: relationshipsMax,
          select: { id: true, accountId: true, careTeamId: true, startsAt: true, endsAt: true, reason: true },
        },
      },
    })
    if (!patient) return null
    const at = now()
    return {
      banner: toBanner(patient, today()),
      relationships: patient.careRelationships.map((row): CareRelationshipView => ({
        id: row.id,
        carerId: row.accountId ?? row.careTeamId ?? '',
        carerKind: row.accountId === null ? 'team' : 'account',
        startsAt: row.startsAt.toISOString(),
        endsAt: row.endsAt?.toISOString() ?? null,
        reason: row.reason,
        isCurrent: row.startsAt <= at && (row.endsAt === null || row.endsAt > at),
      })),
    }
  })
}
