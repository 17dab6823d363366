import type { Metadata } from 'next'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { ActivateForm } from './activate-form.tsx'

export const metadata: Metadata = { title: 'Set up your login' }

type Props = { searchParams: Promise<{ notice?: string | string[] }> }

/** Where a patient begins: the code of the clinic's letter, and their birth date. */
export default async function ActivatePage({ searchParams }: Props) {
  const { notice } = await searchParams
  return (
    <PublicShell>
      <FocusHeading>Set up your login</FocusHeading>
      {notice === 'again' && (
        <Notice tone="warn">
          The code does not work any more, or that took longer than we may wait. Please start again.
        </Notice>
      )}
      <p>You have a letter from us with a code. Type it here, with your birth date.</p>
      <ActivateForm />
      <p className="text-muted">
        No letter, or the code does not work? Call us at <ClinicPhone />, or ask at your next visit.
      </p>
    </PublicShell>
  )
}
