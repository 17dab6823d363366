import 'server-only'

import { allergySelect, allergyWord, type AllergyRow } from './allergy-word.ts'
import { identitySelect, toIdentity, type IdentityRow } from './identity.ts'
import type { BannerView } from './view.ts'

/** What the identity banner of a chart selects of a patient. */
export const bannerSelect = { ...identitySelect, allergyIntolerances: allergySelect } as const

export type BannerRow = IdentityRow & { allergyIntolerances: readonly AllergyRow[] }

/** @param today `YYYY-MM-DD` in the clinic's zone */
export function toBanner(row: BannerRow, today: string): BannerView {
  return { ...toIdentity(row, today), ...allergyWord(row.allergyIntolerances) }
}
