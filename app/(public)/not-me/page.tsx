import type { Metadata } from 'next'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { canLockAccount } from '#lib/accounts/recovery/lock-account.ts'
import { isMailLinkSpent } from '#lib/auth/mail-link.ts'
import { LinkIsOver } from '../link-is-over.tsx'
import { NotMeForm } from './not-me-form.tsx'

export const metadata: Metadata = { title: 'This wasn’t me' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

/** Where somebody says that what a letter tells of was not them. Works signed out; says nothing of whose account it is. */
export default async function NotMePage({ searchParams }: Props) {
  const { done } = await searchParams
  return (
    <PublicShell resting={false}>
      {done === 'locked' && (await isMailLinkSpent('not-me')) ? (
        <>
          <FocusHeading>Your account is locked</FocusHeading>
          <p>
            Everything that was open in it has ended. Nobody can sign in, not even with the right password.
          </p>
          <p>
            To get back in, we have to make sure who you are. Call us at <ClinicPhone />. If you work here,
            ask an administrator in person.
          </p>
        </>
      ) : (await canLockAccount()) ? (
        <>
          <FocusHeading>Was it not you?</FocusHeading>
          <p>Then lock your account now:</p>
          <ul className="list-disc space-y-1 pl-6">
            <li>everything that is open in it ends at once, on every device</li>
            <li>nobody can sign in any more, with no password and no code</li>
            <li>to get back in, you show us who you are and set up your sign-in anew</li>
          </ul>
          <NotMeForm />
          <p className="text-muted">Was it you after all? Close this page. Nothing has changed.</p>
        </>
      ) : (
        <LinkIsOver />
      )}
    </PublicShell>
  )
}
