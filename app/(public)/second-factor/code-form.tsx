'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { clinic } from '#lib/clinic.ts'
import { takeSecondStep } from './actions.ts'

/** One field for the whole code, so that it can be pasted and filled in (WCAG 3.3.8). Nothing is sent before the button is pressed. */
export function CodeForm({ method }: { method: 'totp' | 'recovery-code' }) {
  const [state, action] = useActionState(takeSecondStep, { errors: [], failures: 0 })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      {state.failures >= 3 && (
        <Notice title="Is something not working?">
          {`Call us at ${clinic.phone}. We can check who you are and help you sign in.`}
        </Notice>
      )}
      <input type="hidden" name="method" value={method} />
      {method === 'totp' ? (
        <TextInput
          name="code"
          label="One-time code"
          autoComplete="one-time-code"
          inputMode="numeric"
          width="short"
          maxLength={16}
          error={errorFor(state.errors, 'code')}
        />
      ) : (
        <TextInput
          name="code"
          label="Recovery code"
          hint="Ten letters and digits, such as 7K3MX-92QDA"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          width="medium"
          maxLength={32}
          error={errorFor(state.errors, 'code')}
        />
      )}
      <SubmitButton pendingText="Checking…">Continue</SubmitButton>
    </form>
  )
}
