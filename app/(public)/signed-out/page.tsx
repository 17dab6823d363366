import type { Metadata } from 'next'
import { z } from 'zod'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { signedOutReasons, type SignedOutReason } from '#lib/auth/sign-out.ts'
import { paths } from '#lib/paths.ts'

export const metadata: Metadata = { title: 'Signed out' }

const words: Record<SignedOutReason, { title: string; text: string }> = {
  'sign-out': { title: 'You are signed out', text: 'Nobody can go on from here without signing in.' },
  idle: {
    title: 'We signed you out',
    text: 'Nothing was done for a while. We close the record then, so that nobody else can read it. Drafts that you were writing are saved.',
  },
  expired: {
    title: 'It is time to sign in again',
    text: 'You were signed in for as long as one session may last. Drafts that you were writing are saved.',
  },
  ended: {
    title: 'Your session was ended',
    text: 'It was ended from another device, or by the people who manage accounts. If you do not know why, call us.',
  },
  limit: {
    title: 'You signed in somewhere else',
    text: 'Only so many devices may be signed in at once. The one that was unused for longest was signed out: this one. If that was not you, sign in, end all sessions on “Sign-in and security”, and call us.',
  },
  'unlock-failed': {
    title: 'The locked session was ended',
    text: 'The second factor was wrong five times. Drafts that you were writing are saved.',
  },
  'passkey-only': {
    title: 'Sign in with a passkey',
    text: 'For your role we now ask for a passkey. Drafts that you were writing are saved.',
  },
}

type Props = { searchParams: Promise<{ reason?: string | string[] }> }

/** After a session: why it is over, and the way back. Holds nothing of any record. */
export default async function SignedOutPage({ searchParams }: Props) {
  const reason = z
    .enum(signedOutReasons)
    .catch('sign-out')
    .parse((await searchParams).reason)
  const { title, text } = words[reason]
  const remembered = (await readSealed('return')) !== null
  return (
    <PublicShell>
      <FocusHeading>{title}</FocusHeading>
      <p>{text}</p>
      {remembered && reason !== 'sign-out' && (
        <p>When you sign in again, you come back to the page you were on.</p>
      )}
      <ButtonRow>
        <LinkButton href={paths.signIn}>Sign in again</LinkButton>
      </ButtonRow>
      <p className="text-muted">On a computer that others use, close all windows of the browser too.</p>
    </PublicShell>
  )
}
