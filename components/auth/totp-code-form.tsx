'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor, type FieldError } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'

type State = { errors: FieldError[] }
type Props = { action: (before: State, form: FormData) => Promise<State> }

/** Asks for the first code of a new authenticator app. A wrong one leaves the picture and the key as they are. */
export function TotpCodeForm({ action }: Props) {
  const [state, send] = useActionState(action, { errors: [] })
  return (
    <form action={send} className="space-y-5" noValidate>
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
