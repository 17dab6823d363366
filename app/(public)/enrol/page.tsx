import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { QrCode } from '#components/auth/qr-code.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { totpKeyGroups, totpUri } from '#lib/auth/totp.ts'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { EnrolForm } from './enrol-form.tsx'

export const metadata: Metadata = { title: 'Set up your second step' }

/** Setting up an authenticator app. Nothing of a record opens before this is done. */
export default async function EnrolPage() {
  const state = await readSealed('enrolment')
  if (state === null) redirect(paths.signIn)
  const groups = totpKeyGroups(state.secret)
  return (
    <PublicShell>
      <FocusHeading>Set up your second step</FocusHeading>
      <p>
        A password alone can be stolen. From now on you also need a code from an app on your phone to sign in.
      </p>
      <ol className="list-decimal space-y-7 pl-6 marker:font-semibold">
        <li className="space-y-1.5 pl-1">
          <h2 className="text-lg">Get an authenticator app</h2>
          <p>
            If you have none yet, install one from your phone’s app store. Any app for one-time codes works,
            such as Google Authenticator, Microsoft Authenticator or 2FAS.
          </p>
        </li>
        <li className="space-y-3 pl-1">
          <h2 className="text-lg">Add {clinic.name} to the app</h2>
          <p>In the app, add an account. Point the camera at this picture.</p>
          <QrCode text={totpUri(state.secret, state.label)} label="QR code with the set-up key below" />
          <p>Or type this set-up key into the app:</p>
          <p className="flex flex-wrap items-center gap-3">
            <code className="rounded-lg border border-line bg-inset px-3 py-2 text-lg tabular">
              {groups.map((group, index) => (
                <span key={index} className="mr-2 inline-block last:mr-0">
                  {group}{' '}
                </span>
              ))}
            </code>
            <CopyButton text={state.secret} label="Copy the key" />
          </p>
        </li>
        <li className="space-y-3 pl-1">
          <h2 className="text-lg">Type the code that the app shows</h2>
          <EnrolForm />
        </li>
      </ol>
    </PublicShell>
  )
}
