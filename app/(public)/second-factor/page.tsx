import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PasskeyButton } from '#components/auth/passkey-button.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { signInFactors } from '#lib/auth/sign-in-factors.ts'
import { paths } from '#lib/paths.ts'
import { startSecondStepByPasskey, takeSecondStepByPasskey } from './actions.ts'
import { CodeForm } from './code-form.tsx'

export const metadata: Metadata = { title: 'Confirm that it is you' }

/** The second step: what the person has set up, a code from the authenticator app or a passkey. */
export default async function SecondFactorPage() {
  const state = await readSealed('second-factor')
  if (state === null) redirect(paths.signIn)
  const { totp, passkey } = await signInFactors(state.accountId)
  return (
    <PublicShell>
      {totp ? (
        <>
          <FocusHeading>Enter your one-time code</FocusHeading>
          <p>Open the authenticator app on your phone. Type the six digits that it shows for this clinic.</p>
          <CodeForm method="totp" />
        </>
      ) : (
        <>
          <FocusHeading>Use your passkey</FocusHeading>
          <p>
            {state.byProvider ? 'Your organization knows you.' : 'Your password was right.'} Now unlock the
            device that holds your passkey.
          </p>
        </>
      )}
      {passkey && (
        <PasskeyButton
          variant={totp ? 'secondary' : 'primary'}
          begin={startSecondStepByPasskey}
          finish={takeSecondStepByPasskey}
        >
          {totp ? 'Use a passkey instead' : 'Use a passkey'}
        </PasskeyButton>
      )}
      <p>
        {totp ? 'Don’t have your phone?' : 'Don’t have that device?'}{' '}
        <AppLink href={paths.recover}>Use a recovery code</AppLink>
      </p>
    </PublicShell>
  )
}
