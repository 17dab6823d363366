'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { endPasskey } from './actions.ts'

/** Takes a passkey out of use. A code is asked for only when the last one is too old. */
export function RemovePasskeyForm({ passkey, name }: { passkey: string; name: string }) {
  const [state, action] = useActionState(endPasskey, { errors: [], asks: false })
  return (
    <form action={action} className="space-y-3" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="passkey" value={passkey} />
      {state.asks && (
        <SecondFactorField
          name="remove-code"
          error={errorFor(state.errors, 'remove-code')}
          asks={state.asks}
          why="We ask again, because this changes how you sign in."
        />
      )}
      <SubmitButton variant="secondary" pendingText="Removing…" aria-label={`Remove the passkey ${name}`}>
        Remove
      </SubmitButton>
    </form>
  )
}
