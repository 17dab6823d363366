'use client'

import { useActionState } from 'react'
import { PasskeyButton } from '#components/auth/passkey-button.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { SecondFactors } from '#lib/auth/second-factors.ts'
import { beginUnlocking, unlockWithCode, unlockWithPasskey } from './actions.ts'

type Props = {
  /** the sealed address of the page that is covered; may be empty */
  to: string
  opensWith: SecondFactors
}

/** A code or a passkey of the person whose session it is. */
export function UnlockForm({ to, opensWith }: Props) {
  const [state, action] = useActionState(unlockWithCode, { errors: [] })
  return (
    <div className="space-y-5">
      {opensWith.code && (
        <form action={action} className="space-y-5" noValidate>
          <ErrorSummary errors={state.errors} />
          <input type="hidden" name="to" value={to} />
          <TextInput
            name="code"
            label="One-time code"
            hint="From your authenticator app"
            autoComplete="one-time-code"
            inputMode="numeric"
            width="short"
            maxLength={16}
            error={errorFor(state.errors, 'code')}
          />
          <SubmitButton pendingText="Unlocking…">Unlock</SubmitButton>
        </form>
      )}
      {opensWith.passkey && (
        <PasskeyButton
          variant={opensWith.code ? 'secondary' : 'primary'}
          begin={beginUnlocking}
          finish={(answer) => unlockWithPasskey(answer, to)}
        >
          Unlock with a passkey
        </PasskeyButton>
      )}
    </div>
  )
}
