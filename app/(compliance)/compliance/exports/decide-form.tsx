'use client'

import { useActionState } from 'react'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { decideExportAction } from './actions.ts'

type Props = { exportId: string; asks: AskedFactors }

/** A second officer's word on a large export. */
export function DecideForm({ exportId, asks }: Props) {
  const [state, submit] = useActionState(decideExportAction, { errors: [], asks })
  return (
    <form action={submit} aria-label="Your decision" noValidate className="space-y-4 print:hidden">
      <input type="hidden" name="export" value={exportId} />
      <ErrorSummary errors={state.errors} />
      {state.asks && (
        <SecondFactorField
          name={`code-${exportId}`}
          asks={state.asks}
          error={errorFor(state.errors, `code-${exportId}`)}
        />
      )}
      <ButtonRow>
        <SubmitButton name="decision" value="agree" pendingText="Sending…">
          Agree
        </SubmitButton>
        <SubmitButton name="decision" value="decline" variant="secondary" pendingText="Sending…">
          Decline
        </SubmitButton>
      </ButtonRow>
    </form>
  )
}
