'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { setPassword } from './actions.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { ConfirmFields } from './confirm-fields.tsx'

/** @param asks true when the last one-time code is too old for this change */
export function PasswordForm({ asks }: { asks: AskedFactors }) {
  const [state, action] = useActionState(setPassword, { errors: [], asks })
  return (
    <form action={action} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <PasswordInput
        name="current"
        label="Present password"
        autoComplete="current-password"
        error={errorFor(state.errors, 'current')}
      />
      <PasswordInput
        name="next"
        label="New password"
        hint="At least 12 characters. A few words that only you would put together work well."
        autoComplete="new-password"
        error={errorFor(state.errors, 'next')}
      />
      <ConfirmFields field="password-code" {...state} />
      <SubmitButton variant="secondary" pendingText="Changing…">
        Change password
      </SubmitButton>
    </form>
  )
}
