'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { signIn } from './actions.ts'

/** Works without a script too; password managers fill it, and pasting is allowed. */
export function SignInForm() {
  const [state, action] = useActionState(signIn, { errors: [], email: '' })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="email"
        label="Email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={state.email}
        error={errorFor(state.errors, 'email')}
      />
      <PasswordInput
        name="password"
        label="Password"
        autoComplete="current-password"
        error={errorFor(state.errors, 'password')}
      />
      <SubmitButton pendingText="Checking…">Sign in</SubmitButton>
    </form>
  )
}
