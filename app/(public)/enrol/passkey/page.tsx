import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { browserName } from '#lib/auth/browser-name.ts'
import { thisClient } from '#lib/auth/client.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { signInFactors } from '#lib/auth/sign-in-factors.ts'
import { paths } from '#lib/paths.ts'
import { CreatePasskeyForm } from './create-passkey-form.tsx'

export const metadata: Metadata = { title: 'Set up a passkey' }

/** Making the first passkey, before there is a session. */
export default async function EnrolPasskeyPage() {
  const state = await readSealed('enrolment')
  if (state === null) redirect(paths.signIn)
  const { passkeyOnly } = await signInFactors(state.accountId)
  return (
    <PublicShell>
      <FocusHeading>Set up a passkey</FocusHeading>
      {state.due !== undefined && (
        <Notice title="Your clinic now signs in by passkey">
          Your code was right. Codes can be passed on to a false page, so your role uses passkeys from now on.
          Make one to go on.
        </Notice>
      )}
      <p>
        A passkey stays on your device and works on this site alone. Nobody can read it off or trick you out
        of it.
      </p>
      <ol className="list-decimal space-y-1.5 pl-6 marker:font-semibold">
        <li className="pl-1">Give this device a name that you will know again.</li>
        <li className="pl-1">Press the button. Your device asks you to unlock it.</li>
        <li className="pl-1">Unlock it as you always do. That is all.</li>
      </ol>
      <CreatePasskeyForm suggestion={browserName((await thisClient()).userAgent)} />
      <noscript>
        <p>Passkeys need JavaScript, which is off in this browser.</p>
      </noscript>
      {passkeyOnly ? (
        <p className="text-muted">
          Does your device not know passkeys? Call us at <ClinicPhone />.
        </p>
      ) : (
        <p>
          Rather not? <AppLink href={paths.enrolApp}>Use an authenticator app</AppLink>
        </p>
      )}
    </PublicShell>
  )
}
