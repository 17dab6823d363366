import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths } from '#lib/paths.ts'
import { CodeForm } from '../second-factor/code-form.tsx'

export const metadata: Metadata = { title: 'Use a recovery code' }

/** The second step without the phone or device: one of the ten codes that were saved when it was set up. */
export default async function RecoverPage() {
  if ((await readSealed('second-factor')) === null) redirect(paths.signIn)
  return (
    <PublicShell>
      <FocusHeading>Use a recovery code</FocusHeading>
      <p>You saved ten recovery codes when you set up your second step. Each of them works once.</p>
      <CodeForm method="recovery-code" />
      <p>
        Found it again? <AppLink href={paths.secondFactor}>Go back</AppLink>
      </p>
      <p className="text-muted">
        Nothing of this at hand? Call us at <ClinicPhone />. We will check who you are before we help.
      </p>
    </PublicShell>
  )
}
