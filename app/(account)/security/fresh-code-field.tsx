'use client'

import { useState } from 'react'
import { PasskeyButton } from '#components/auth/passkey-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { beginConfirming, confirmByPasskey } from './passkeys/actions.ts'

type Props = { name: string; error: string | undefined; hasPasskeys: boolean }

/** Asks for the second factor again, before something changes that could lock the person out: a code, or a passkey. */
export function FreshCodeField({ name, error, hasPasskeys }: Props) {
  const [isConfirmed, setConfirmed] = useState(false)
  if (isConfirmed)
    return (
      <p role="status">
        <strong>Confirmed by your passkey.</strong> Now press the button below.
      </p>
    )
  return (
    <div className="space-y-3">
      <TextInput
        name={name}
        label="One-time code"
        hint="From your authenticator app. We ask again, because this changes how you sign in."
        autoComplete="one-time-code"
        inputMode="numeric"
        width="short"
        maxLength={16}
        error={error}
      />
      {hasPasskeys && (
        <PasskeyButton
          begin={beginConfirming}
          finish={async (answer) => {
            const refusal = await confirmByPasskey(answer)
            if (!refusal) setConfirmed(true)
            return refusal
          }}
        >
          Use a passkey instead
        </PasskeyButton>
      )}
    </div>
  )
}
