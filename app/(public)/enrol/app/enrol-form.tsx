'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { turnOn } from './actions.ts'

/** A wrong code leaves the picture and the key as they are. */
export function EnrolForm() {
  const [state, action] = useActionState(turnOn, { errors: [] })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="code"
        label="One-time code"
        autoComplete="one-time-code"
        inputMode="numeric"
        width="short"
        maxLength={16}
        error={errorFor(state.errors, 'code')}
      />
      <SubmitButton pendingText="Checking…">Turn on</SubmitButton>
    </form>
  )
}
