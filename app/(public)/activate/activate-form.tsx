'use client'

import { useActionState } from 'react'
import { DateParts } from '#components/ui/date-parts.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { activate } from './actions.ts'

/** Works without a script too. What was typed stays, so that a slip is one letter to mend. */
export function ActivateForm() {
  const [state, action] = useActionState(activate, null)
  const errors = state?.errors ?? []
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={errors} />
      <TextInput
        name="code"
        label="Code from your letter"
        hint="Letters and digits in five groups of five, such as 7K3MX-92QDA-4F0ZP-HW8TC-1N5RB"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={64}
        defaultValue={state?.code ?? ''}
        error={errorFor(errors, 'code')}
      />
      <DateParts
        name="birth"
        legend="Your birth date"
        birthDate
        defaultValue={state?.birth}
        error={errorFor(errors, 'birth')}
      />
      <SubmitButton pendingText="Checking…">Continue</SubmitButton>
    </form>
  )
}
