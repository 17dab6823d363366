import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { SignOutButton } from '#components/shell/sign-out-button.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { readLockedSession } from '#lib/auth/lock-session.ts'
import { unsealPath } from '#lib/auth/seal-path.ts'
import { singleSignOnButton } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { paths } from '#lib/paths.ts'
import { FollowUnlock } from './follow-unlock.tsx'
import { UnlockForm } from './unlock-form.tsx'

export const metadata: Metadata = { title: 'Locked' }

type Props = { searchParams: Promise<{ to?: string | string[] }> }

/** In front of every page of a locked session. The record is not behind it: it is not in the browser at all. */
export default async function LockedPage({ searchParams }: Props) {
  const { to } = await searchParams
  const sealed = typeof to === 'string' ? to : ''
  const session = await readLockedSession()
  // Unlocked in another tab, or over: the page that was covered knows which.
  if (session === null) redirect((await unsealPath(sealed)) ?? paths.sessionOver)
  const { displayName, opensWith } = session
  return (
    <PublicShell>
      <FocusHeading>This screen is locked</FocusHeading>
      <p>
        {displayName ? (
          <>
            <strong>{displayName}</strong> is signed in here.
          </>
        ) : (
          'Somebody is signed in here.'
        )}{' '}
        {opensWith.code
          ? 'To go on, show your second factor: drafts are as you left them.'
          : opensWith.passkey
            ? 'To go on, use your passkey: drafts are as you left them.'
            : 'You have neither a passkey nor an authenticator app here: to go on, sign in again. Drafts are as you left them.'}
      </p>
      <UnlockForm to={sealed} opensWith={opensWith} />
      {!opensWith.code && !opensWith.passkey && <SignInAgain />}
      <section className="space-y-3 border-t border-line pt-6">
        <h2>Not you?</h2>
        <p>Sign out, then sign in with your own name. Nobody can go on as somebody else.</p>
        <div className="-ml-2.5">
          <SignOutButton />
        </div>
      </section>
      <FollowUnlock />
    </PublicShell>
  )
}

/** For somebody whose factors are all their organization's: signing in there takes the place of the locked session. */
function SignInAgain() {
  const button = singleSignOnButton()
  if (button === null) return null
  return (
    <form method="post" action={paths.signInWithProvider}>
      <SubmitButton pendingText="Going on…">{button}</SubmitButton>
    </form>
  )
}
