import type { Metadata } from 'next'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { lettersCanBeSent } from '#lib/accounts/recovery/ask-recovery.ts'
import { paths } from '#lib/paths.ts'
import { ForgotPasswordForm } from './forgot-password-form.tsx'

export const metadata: Metadata = { title: 'Get a new password' }

/** Where a new password is asked for. Says the same to everybody. */
export default function ForgotPasswordPage() {
  return (
    <PublicShell>
      <FocusHeading>Get a new password</FocusHeading>
      {lettersCanBeSent ? (
        <>
          <p>
            We send you a link by email. To use it you need your second step as well: your authenticator app,
            a passkey or a recovery code.
          </p>
          <ForgotPasswordForm />
        </>
      ) : (
        <p>We cannot send email just now. Call us, and we will help you.</p>
      )}
      <p className="text-muted">
        No phone and no codes either? Call us at <ClinicPhone />. We will check who you are before we help. If
        you work here, ask an administrator in person.
      </p>
      <p>
        <AppLink href={paths.signIn}>Back to sign-in</AppLink>
      </p>
    </PublicShell>
  )
}
