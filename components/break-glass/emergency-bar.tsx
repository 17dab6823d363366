import type { ReactNode } from 'react'
import { Icon } from '#components/ui/icon.tsx'
import type { OpenLeaseView } from '#lib/oversight/break-glass/view.ts'
import { Countdown } from './countdown.tsx'

type Props = {
  lease: OpenLeaseView
  /** When it ends, as the page writes times. */
  endsAt: string
  /** Where the browser goes when the time is over: nothing of the record stays on the screen. */
  leaveTo: string
  /** The button that ends it now. */
  children: ReactNode
}

/** Over every page of a chart that is open in an emergency: until when, and the way out. Word and icon say it, colour only repeats. */
export function EmergencyBar({ lease, endsAt, leaveTo, children }: Props) {
  return (
    <section
      aria-label="Emergency access"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-emergency-line bg-emergency-tint px-4 py-2 text-emergency sm:px-7"
    >
      <Icon name="triangle-alert" />
      <p className="min-w-0 flex-1 leading-snug">
        <strong>
          {lease.kind === 'PATIENT' ? 'Emergency access to this record' : 'Access to the confidential notes'}
        </strong>{' '}
        ends at <span className="tabular">{endsAt}</span>.{' '}
        <Countdown millisecondsLeft={lease.millisecondsLeft} leaveTo={leaveTo} /> Everything you do here is
        reviewed.
      </p>
      <div className="print:hidden">{children}</div>
    </section>
  )
}
