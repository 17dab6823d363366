import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { signInFactors } from '#lib/auth/sign-in-factors.ts'
import { paths } from '#lib/paths.ts'
import { ChooseForm } from './choose-form.tsx'

export const metadata: Metadata = { title: 'Choose your second step' }

/** What somebody signs in with beside the password. Nothing of a record opens before one is set up. */
export default async function EnrolPage() {
  const state = await readSealed('enrolment')
  if (state === null) redirect(paths.signIn)
  if ((await signInFactors(state.accountId)).passkeyOnly) redirect(paths.enrolPasskey)
  return (
    <PublicShell>
      <FocusHeading>Choose your second step</FocusHeading>
      <p>A password alone can be stolen. A second step keeps your account yours.</p>
      <ChooseForm />
      <p className="text-muted">
        Can’t do either? Call us at <ClinicPhone />. We will find a way.
      </p>
    </PublicShell>
  )
}
