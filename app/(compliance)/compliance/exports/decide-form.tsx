'use client'

import { useActionState } from 'react'
import { CodeInput } from '#components/reviews/code-input.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { decideExportAction } from './actions.ts'

type Props = { exportId: string; asksForCode: boolean }

/** A second officer's word on a large export. */
export function DecideForm({ exportId, asksForCode }: Props) {
  const [state, submit] = useActionState(decideExportAction, { errors: [], asksForCode })
  return (
    <form action={submit} aria-label="Your decision" noValidate className="space-y-4 print:hidden">
      <input type="hidden" name="export" value={exportId} />
      <ErrorSummary errors={state.errors} />
      {state.asksForCode && (
        <CodeInput name={`code-${exportId}`} error={errorFor(state.errors, `code-${exportId}`)} />
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
