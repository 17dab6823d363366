import type { Metadata } from 'next'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { recoveryStage } from '#lib/accounts/recovery/prove-recovery.ts'
import { isMailLinkSpent } from '#lib/auth/mail-link.ts'
import { paths } from '#lib/paths.ts'
import { LinkIsOver } from '../link-is-over.tsx'
import { NewPasswordForm } from './new-password-form.tsx'
import { ProofForm } from './proof-form.tsx'

export const metadata: Metadata = { title: 'Choose a new password' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

/** A new password by the link of a letter: first the second factor, then the password. Nobody is signed in by it. */
export default async function ResetPasswordPage({ searchParams }: Props) {
  const { done } = await searchParams
  const isSet = done === 'set' && (await isMailLinkSpent('recovery'))
  const stage = isSet ? 'done' : await recoveryStage()
  return (
    <PublicShell>
      {stage === 'done' && (
        <>
          <FocusHeading>Your new password is set</FocusHeading>
          <p>
            You are not signed in yet. Everything that was open in your account has ended. Your second step is
            the same as before.
          </p>
          <ButtonRow>
            <LinkButton href={paths.signIn}>Sign in</LinkButton>
          </ButtonRow>
        </>
      )}
      {stage === 'prove' && (
        <>
          <FocusHeading>Confirm that it is you</FocusHeading>
          <p>The link alone is not enough. Show your second step, then choose a new password.</p>
          <ProofForm />
        </>
      )}
      {stage === 'password' && (
        <>
          <FocusHeading>Choose a new password</FocusHeading>
          <p>Please do this within ten minutes.</p>
          <NewPasswordForm />
        </>
      )}
      {stage === 'gone' && (
        <>
          <LinkIsOver />
          <p>
            <AppLink href={paths.forgotPassword}>Ask for a new link</AppLink>
          </p>
        </>
      )}
    </PublicShell>
  )
}
