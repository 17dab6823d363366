import type { Metadata } from 'next'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { PasskeySignIn } from './passkey/passkey-sign-in.tsx'
import { SignInForm } from './sign-in-form.tsx'

export const metadata: Metadata = { title: 'Sign in' }

type Props = { searchParams: Promise<{ notice?: string | string[] }> }

/** The first step: e-mail address and password. */
export default async function SignInPage({ searchParams }: Props) {
  const { notice } = await searchParams
  return (
    <PublicShell>
      <FocusHeading>Sign in</FocusHeading>
      {notice === 'too-long' && (
        <Notice tone="warn">That took longer than we may wait. Please start again.</Notice>
      )}
      {notice === 'ended' && <Notice>Your session was ended. Sign in to go on.</Notice>}
      <PasskeySignIn />
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
          Call us at{' '}
          <a href={clinic.phoneHref} className="whitespace-nowrap">
            {clinic.phone}
          </a>
          . We will never ask you for your password or for a code.
        </p>
        <p>After signing in, every page you open in a record is written down, for patients to see.</p>
      </section>
    </PublicShell>
  )
}
