import type { ReactNode } from 'react'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { clinic } from '#lib/clinic.ts'
import { ClinicPhone } from './clinic-phone.tsx'
import { PublicShell } from './public-shell.tsx'

type Props = {
  title: string
  /** What happened, in a sentence, and whose fault it is not. */
  children: ReactNode
  /** What can be done now. */
  actions: ReactNode
}

/** A page that could not be shown: what happened, what to do, whom to call. It knows nothing of any record. */
export function ProblemPage({ title, children, actions }: Props) {
  return (
    <PublicShell resting={false}>
      <FocusHeading>{title}</FocusHeading>
      <div className="space-y-4">
        {children}
        <p>
          If it goes on, call us: <ClinicPhone /> ({clinic.phoneHours})
        </p>
      </div>
      <div className="flex flex-wrap gap-3">{actions}</div>
    </PublicShell>
  )
}
