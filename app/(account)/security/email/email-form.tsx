'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { ConfirmFields } from '../confirm-fields.tsx'
import { changeEmail } from './actions.ts'

/** @param asks what has to be shown again before the change */
export function EmailForm({ asks }: { asks: AskedFactors }) {
  const [state, action] = useActionState(changeEmail, { errors: [], asks, email: '' })
  return (
    <form action={action} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="email"
        label="New email address"
        hint="We send a link there. Your address changes when you open it."
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        defaultValue={state.email}
        error={errorFor(state.errors, 'email')}
      />
      <PasswordInput
        name="email-password"
        label="Your password"
        autoComplete="current-password"
        error={errorFor(state.errors, 'email-password')}
      />
      <ConfirmFields field="email-code" asks={state.asks} errors={state.errors} />
      <SubmitButton variant="secondary" pendingText="Sending…">
        Change email address
      </SubmitButton>
    </form>
  )
}
