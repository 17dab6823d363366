import type { Metadata } from 'next'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { AcceptInviteForm } from './accept-invite-form.tsx'

export const metadata: Metadata = { title: 'Accept your invitation' }

/** Where an invited person begins: the code that they were given, and a password of their own. */
export default function AcceptInvitePage() {
  return (
    <PublicShell>
      <FocusHeading>Accept your invitation</FocusHeading>
      <p>
        You were given a code for your first sign-in. Next you will choose a second step beside the password.
      </p>
      <AcceptInviteForm />
    </PublicShell>
  )
}
