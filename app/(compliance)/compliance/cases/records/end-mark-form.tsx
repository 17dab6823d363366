'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SecondFactorField } from '../../../../confirm/second-factor-field.tsx'
import { endMarkAction } from './actions.ts'

type Props = { markId: string; patientReference: string }

/** Ends the mark of one row. The code is asked for after the press, so that a list of marks is no list of code fields. */
export function EndMarkForm({ markId, patientReference }: Props) {
  const [state, submit] = useActionState(endMarkAction, { errors: [], asks: false })
  const field = `end-code-${markId}`
  return (
    <form
      action={submit}
      aria-label={`End the mark of ${patientReference}`}
      noValidate
      className="space-y-4 print:hidden"
    >
      <input type="hidden" name="mark" value={markId} />
      <ErrorSummary errors={state.errors} />
      {state.asks && (
        <SecondFactorField name={field} asks={state.asks} error={errorFor(state.errors, field)} />
      )}
      <SubmitButton
        variant="secondary"
        pendingText="Ending…"
        aria-label={`End the mark of ${patientReference}`}
      >
        End
      </SubmitButton>
    </form>
  )
}
