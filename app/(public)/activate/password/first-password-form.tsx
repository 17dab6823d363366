'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { choosePassword } from './actions.ts'

/** The address goes along for password managers, which keep it with the password. */
export function FirstPasswordForm({ email }: { email: string }) {
  const [state, action] = useActionState(choosePassword, { errors: [] })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="text" autoComplete="username" defaultValue={email} readOnly hidden />
      <PasswordInput
        name="password"
        label="New password"
        hint="At least 12 characters. A few words that only you would put together are easy to remember and hard to guess."
        autoComplete="new-password"
        error={errorFor(state.errors, 'password')}
      />
      <SubmitButton pendingText="Checking…">Continue</SubmitButton>
    </form>
  )
}
