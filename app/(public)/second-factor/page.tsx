import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths } from '#lib/paths.ts'
import { PasskeySignIn } from '../sign-in/passkey/passkey-sign-in.tsx'
import { CodeForm } from './code-form.tsx'

export const metadata: Metadata = { title: 'Enter your code' }

/** The second step: a code from the authenticator app. */
export default async function SecondFactorPage() {
  if ((await readSealed('second-factor')) === null) redirect(paths.signIn)
  return (
    <PublicShell>
      <FocusHeading>Enter your one-time code</FocusHeading>
      <p>Open the authenticator app on your phone. Type the six digits that it shows for this clinic.</p>
      <CodeForm method="totp" />
      <PasskeySignIn />
      <p>
        Don’t have your phone? <AppLink href={paths.recover}>Use a recovery code</AppLink>
      </p>
    </PublicShell>
  )
}
