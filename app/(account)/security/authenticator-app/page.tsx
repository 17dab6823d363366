import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { TotpCodeForm } from '#components/auth/totp-code-form.tsx'
import { TotpSteps } from '#components/auth/totp-steps.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { readNewTotp } from '#lib/auth/set-totp.ts'
import { paths } from '#lib/paths.ts'
import { AccountFrame } from '../../account-frame.tsx'
import { turnOnApp } from './actions.ts'

export const metadata: Metadata = { title: 'Set up an authenticator app' }

/** The key of a new authenticator app, shown until its first code was right; the button on "Sign-in and security" begins it. */
export default async function AuthenticatorAppPage() {
  const actor = await requireActor()
  const app = await readNewTotp(actor)
  if (app === null) redirect(paths.security)
  return (
    <AccountFrame actor={actor}>
      <PageHeader
        title="Set up an authenticator app"
        lead="Nothing changes before you have typed the first code. Then the codes of an app that you had before stop working."
      />
      <div className="max-w-form space-y-6">
        <TotpSteps {...app}>
          <TotpCodeForm action={turnOnApp} />
        </TotpSteps>
        <p>
          <AppLink href={paths.security}>Cancel</AppLink>
        </p>
      </div>
    </AccountFrame>
  )
}
