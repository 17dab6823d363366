import type { ReactNode } from 'react'
import { EmergencyBar } from '#components/break-glass/emergency-bar.tsx'
import { ChartBanner } from '#components/chart/chart-banner.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { ChartNav, type ChartPart } from '#components/shell/sub-nav.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import { formatTimeForPatient } from '#lib/format.ts'
import { openLeaseFor } from '#lib/oversight/break-glass/my-break-glass.ts'
import { paths } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { BannerView } from '#lib/records/shared/view.ts'
import { endAccess } from './care/emergency/actions.ts'
import { signedInPerson } from '../signed-in-person.ts'

type Props = { actor: Actor; current: 'worklist' | 'search' | 'register' | 'emergency'; children: ReactNode }

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
  const [times, lease] = await Promise.all([sessionTimes(), openLeaseFor(actor, banner.patientId)])
  return (
    <StaffShell
      audience="care"
      current={null}
      person={await signedInPerson(actor)}
      banner={
        <div className="sticky top-0 z-10 print:static">
          {lease && (
            <EmergencyBar
              lease={lease}
              endsAt={formatTimeForPatient(lease.expiresAt)}
              leaveTo={paths.careEmergency}
            >
              <form action={endAccess}>
                <input type="hidden" name="lease" value={lease.id} />
                <SubmitButton variant="secondary" pendingText="Ending…">
                  End now
                </SubmitButton>
              </form>
            </EmergencyBar>
          )}
          <ChartBanner banner={banner} action={action} />
        </div>
      }
      subNav={<ChartNav patientId={banner.patientId} current={part} />}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
