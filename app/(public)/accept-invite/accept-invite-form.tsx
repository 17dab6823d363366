'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { accept } from './actions.ts'

export function AcceptInviteForm() {
  const [state, action] = useActionState(accept, { errors: [], code: '' })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="invitation"
        label="Invitation code"
        hint="Letters and digits in five groups of five"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={64}
        defaultValue={state.code}
        error={errorFor(state.errors, 'invitation')}
      />
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
