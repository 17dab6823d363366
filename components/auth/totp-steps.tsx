import type { ReactNode } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { clinic } from '#lib/clinic.ts'
import { QrCode } from './qr-code.tsx'

type Props = {
  /** the address inside the QR code, from `totpUri` */
  uri: string
  /** in base 32 */
  secret: string
  /** the same in groups of four, for typing */
  groups: readonly string[]
  /** the form for the first code */
  children: ReactNode
}

/** The three steps of setting up an authenticator app: get one, give it the key by picture or by typing, show its first code. */
export function TotpSteps({ uri, secret, groups, children }: Props) {
  return (
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
        <QrCode text={uri} label="QR code with the set-up key below" />
        <p>Or type this set-up key into the app:</p>
        <p className="flex flex-wrap items-center gap-3">
          <code className="rounded-lg border border-line bg-inset px-3 py-2 text-lg tabular">
            {groups.map((group, index) => (
              <span key={index} className="mr-2 inline-block last:mr-0">
                {group}{' '}
              </span>
            ))}
          </code>
          <CopyButton text={secret} label="Copy the key" />
        </p>
      </li>
      <li className="space-y-3 pl-1">
        <h2 className="text-lg">Type the code that the app shows</h2>
        {children}
      </li>
    </ol>
  )
}
