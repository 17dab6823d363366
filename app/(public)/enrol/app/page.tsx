import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { TotpCodeForm } from '#components/auth/totp-code-form.tsx'
import { TotpSteps } from '#components/auth/totp-steps.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { signInFactors } from '#lib/auth/sign-in-factors.ts'
import { totpKeyGroups, totpUri } from '#lib/auth/totp.ts'
import { paths } from '#lib/paths.ts'
import { turnOn } from './actions.ts'

export const metadata: Metadata = { title: 'Set up an authenticator app' }

/** Setting up an authenticator app. Nothing of a record opens before this is done. */
export default async function EnrolPage() {
  const state = await readSealed('enrolment')
  if (state === null) redirect(paths.signIn)
  if ((await signInFactors(state.accountId)).passkeyOnly) redirect(paths.enrolPasskey)
  return (
    <PublicShell>
      <FocusHeading>Set up an authenticator app</FocusHeading>
      <p>From now on you sign in with your password and a code that an app on your phone shows.</p>
      <TotpSteps
        uri={totpUri(state.secret, state.label)}
        secret={state.secret}
        groups={totpKeyGroups(state.secret)}
      >
        <TotpCodeForm action={turnOn} />
      </TotpSteps>
      <p>
        Rather not? <AppLink href={paths.enrolPasskey}>Use a passkey</AppLink>
      </p>
    </PublicShell>
  )
}
