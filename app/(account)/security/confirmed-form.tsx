'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../confirm/second-factor-field.tsx'
import type { SecurityState } from './actions.ts'

type Props = {
  action: (before: SecurityState, form: FormData) => Promise<SecurityState>
  /** the name of the field that asks for the second factor */
  field: string
  /** what the change asks for first */
  asks: AskedFactors
  label: string
  pendingText: string
}

/** One button that changes how somebody signs in, after they have confirmed that it is them. */
export function ConfirmedForm({ action, field, asks, label, pendingText }: Props) {
  const [state, send] = useActionState(action, { errors: [], asks })
  return (
    <form action={send} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      {state.asks && (
        <SecondFactorField
          name={field}
          error={errorFor(state.errors, field)}
          asks={state.asks}
          why="We ask again, because this changes how you sign in."
        />
      )}
      <SubmitButton variant="secondary" pendingText={pendingText}>
        {label}
      </SubmitButton>
    </form>
  )
}
