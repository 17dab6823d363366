import type { ReactNode } from 'react'
import { ChartBanner } from '#components/chart/chart-banner.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { ChartNav, type ChartPart } from '#components/shell/sub-nav.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { BannerView } from '#lib/records/shared/view.ts'
import { signedInPerson } from '../signed-in-person.ts'

type Props = { actor: Actor; current: 'worklist' | 'search' | 'register'; children: ReactNode }

/** The frame of a nurse's or clinician's pages outside of a chart. */
export async function CareFrame({ actor, current, children }: Props) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="care"
      current={current}
      person={await signedInPerson(actor)}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}

type ChartProps = {
  actor: Actor
  banner: BannerView
  part: ChartPart
  action?: ReactNode
  children: ReactNode
}

/** The frame of a chart's pages: whose it is stays in sight, its parts below. */
export async function ChartFrame({ actor, banner, part, action, children }: ChartProps) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="care"
      current={null}
      person={await signedInPerson(actor)}
      banner={<ChartBanner banner={banner} action={action} />}
      subNav={<ChartNav patientId={banner.patientId} current={part} />}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
