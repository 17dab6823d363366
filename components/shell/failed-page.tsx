import type { ReactNode } from 'react'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { clinic } from '#lib/clinic.ts'
import { ClinicPhone } from './clinic-phone.tsx'

type Props = {
  title: string
  children: ReactNode
  actions: ReactNode
  /** For the telephone: under it the log has the cause. */
  reference: string | undefined
}

/**
 * What is drawn in the browser when a page failed. Every page brings it along in case, so it is made of as little as it can be; its links
 * load anew, which is what is wanted after a failure.
 */
export function FailedPage({ title, children, actions, reference }: Props) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="border-b border-line bg-card print:hidden">
        <div className="mx-auto flex h-14 max-w-patient items-center px-4 sm:h-16 sm:px-6">
          <p className="text-lg font-bold">{clinic.name}</p>
        </div>
      </header>
      <main id="main" className="mx-auto w-full max-w-form flex-1 space-y-6 px-4 pt-8 pb-14 sm:px-6 sm:pt-12">
        <FocusHeading>{title}</FocusHeading>
        <div className="space-y-4">
          <p>{children}</p>
          <p>
            If it goes on, call us: <ClinicPhone /> ({clinic.phoneHours})
          </p>
          {reference && (
            <p className="text-muted">
              Reference for the call: <span className="font-semibold text-ink tabular">{reference}</span>
            </p>
          )}
        </div>
        <div className="flex flex-wrap gap-3">{actions}</div>
      </main>
    </div>
  )
}

/** The reference of an error, which Next hands over in place of its message. */
export function referenceOf(error: unknown): string | undefined {
  return error instanceof Error && 'digest' in error && typeof error.digest === 'string'
    ? error.digest
    : undefined
}
