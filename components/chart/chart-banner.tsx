import type { ReactNode } from 'react'
import { IdentityBanner } from '#components/shell/identity-banner.tsx'
import type { BannerView } from '#lib/records/shared/view.ts'

/** Whose chart is open, at the top of every page of it. */
export function ChartBanner({ banner, action }: { banner: BannerView; action?: ReactNode }) {
  const { deceasedOn } = banner
  return (
    <IdentityBanner
      displayName={banner.displayName}
      legalName={banner.legalName}
      pronouns={banner.pronouns}
      birthDate={banner.birthDate ?? 'Not recorded'}
      age={banner.age ?? 'age not known'}
      mrn={banner.mrn ?? 'None'}
      allergies={banner.allergies}
      allergyAlert={banner.allergyAlert}
      alerts={deceasedOn === null ? [] : [deceasedOn === '' ? 'Deceased' : `Deceased ${deceasedOn}`]}
      action={action}
    />
  )
}
