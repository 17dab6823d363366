'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { setNewPassword } from './actions.ts'

export function NewPasswordForm() {
  const [state, action] = useActionState(setNewPassword, { errors: [] })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <PasswordInput
        name="password"
        label="New password"
        hint="At least 12 characters. A few words that only you would put together are easy to remember and hard to guess."
        autoComplete="new-password"
        error={errorFor(state.errors, 'password')}
      />
      <SubmitButton pendingText="Saving…">Set the new password</SubmitButton>
    </form>
  )
}
