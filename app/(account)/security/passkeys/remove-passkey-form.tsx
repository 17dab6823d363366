'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { ConfirmFields } from '../confirm-fields.tsx'
import { endPasskey } from './actions.ts'

/** Takes a passkey out of use. A code is asked for only when the last one is too old. */
export function RemovePasskeyForm({ passkey, name }: { passkey: string; name: string }) {
  const [state, action] = useActionState(endPasskey, { errors: [], asks: false })
  return (
    <form action={action} className="space-y-3" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="passkey" value={passkey} />
      <ConfirmFields field="remove-code" {...state} />
      <SubmitButton variant="secondary" pendingText="Removing…" aria-label={`Remove the passkey ${name}`}>
        Remove
      </SubmitButton>
    </form>
  )
}
