import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths } from '#lib/paths.ts'
import { FirstPasswordForm } from './first-password-form.tsx'

export const metadata: Metadata = { title: 'Choose a password' }

/** The first password, after the code and the birth date were right. */
export default async function FirstPasswordPage() {
  const state = await readSealed('activation')
  if (state === null) redirect(paths.activate)
  return (
    <PublicShell>
      <FocusHeading>Choose a password</FocusHeading>
      <p>
        You will sign in with <strong className="wrap-anywhere">{state.email}</strong> and this password. If
        you had a login before, its old password, phone, passkeys and recovery codes stop working now.
      </p>
      <FirstPasswordForm email={state.email} />
    </PublicShell>
  )
}
