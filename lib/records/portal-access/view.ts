import type { BannerView } from '#lib/records/shared/view.ts'

/** A patient's own login as the desk sees it. */
export type PortalAccessView = {
  banner: BannerView
  /** null: none was ever made */
  login: {
    /** somebody has used a code and chosen a password: the address is theirs to change */
    isSetUp: boolean
    /** `waiting` no code was used yet · `in-use` · `locked` its owner locked it · `closed` */
    state: 'waiting' | 'in-use' | 'locked' | 'closed'
    /** the newest code; ISO 8601 */
    code: {
      state: 'open' | 'used' | 'void' | 'expired'
      issuedAt: string
      expiresAt: string
      issuedBy: string | null
    } | null
  } | null
  /** from the record, to begin with; never that of a login */
  email: string | null
  /** why no code can be handed out, if so */
  hindrance: 'no-birth-date' | 'deceased' | 'own-record' | null
}
