import type { BannerView } from '#lib/records/shared/view.ts'

/** One person or team who cares, or cared, for the patient. Names come from the staff directory. */
export type CareRelationshipView = {
  id: string
  /** Account or care team. */
  carerId: string
  carerKind: 'account' | 'team'
  startsAt: string
  endsAt: string | null
  reason: string | null
  /** Today is within the period. */
  isCurrent: boolean
}

export type CareTeamView = { banner: BannerView; relationships: CareRelationshipView[] }
