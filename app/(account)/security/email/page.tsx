import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { readMyEmail } from '#lib/accounts/recovery/email-change.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { paths } from '#lib/paths.ts'
import { AccountFrame } from '../../account-frame.tsx'
import { EmailForm } from './email-form.tsx'

export const metadata: Metadata = { title: 'Change your email address' }

/** Another address to sign in with, and for our letters. */
export default async function EmailPage() {
  const actor = await requireActor()
  const [email, asks] = await Promise.all([readMyEmail(actor), factorsToAskFor(actor)])
  return (
    <AccountFrame actor={actor}>
      <PageHeader title="Change your email address" lead="You sign in with it, and our emails go there." />
      <div className="max-w-form space-y-6">
        <p>
          Your address now: <strong className="break-words">{email}</strong>
        </p>
        <EmailForm asks={asks} />
        <p>
          <AppLink href={paths.security}>Cancel</AppLink>
        </p>
      </div>
    </AccountFrame>
  )
}
