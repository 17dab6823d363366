import type { Metadata } from 'next'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { singleSignOnButton } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { paths } from '#lib/paths.ts'
import { PasskeySignIn } from './passkey/passkey-sign-in.tsx'
import { providerWords } from './provider-words.ts'
import { SignInForm } from './sign-in-form.tsx'
import { wordFor } from '../../word-for.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Props = { searchParams: Promise<{ notice?: string | string[] }> }

/** The first step: e-mail address and password. */
export default async function SignInPage({ searchParams }: Props) {
  const { notice } = await searchParams
  const fromProvider = wordFor(notice, providerWords)
  const providerButton = singleSignOnButton()
  return (
    <PublicShell>
      <FocusHeading>Sign in</FocusHeading>
      {notice === 'too-long' && (
        <Notice tone="warn">That took longer than we may wait. Please start again.</Notice>
      )}
      {fromProvider && <Notice tone="warn">{fromProvider}</Notice>}
      {notice === 'ended' && <Notice>Your session was ended. Sign in to go on.</Notice>}
      <PasskeySignIn />
      {providerButton !== null && (
        <form method="post" action={paths.signInWithProvider} className="space-y-2">
          <p className="text-muted">If you work here:</p>
          <SubmitButton variant="secondary" pendingText="Going on…">
            {providerButton}
          </SubmitButton>
        </form>
      )}
      <h2 className="border-t border-line pt-5 text-lg">Or with your password</h2>
      <SignInForm />
      <section aria-labelledby="trouble" className="space-y-1 border-t border-line pt-5 text-muted">
        <h2 id="trouble" className="text-lg text-ink">
          Trouble signing in?
        </h2>
        <p>
          You have a letter with a code? <AppLink href={paths.activate}>Set up your login</AppLink>
        </p>
        <p>
          <AppLink href={paths.forgotPassword}>Get a new password</AppLink>
        </p>
        <p>
          Call us at <ClinicPhone />. We will never ask you for your password or for a code.
        </p>
        <p>After signing in, every page you open in a record is written down, for patients to see.</p>
      </section>
    </PublicShell>
  )
}
