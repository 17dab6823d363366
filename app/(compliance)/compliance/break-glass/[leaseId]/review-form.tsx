'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../../confirm/second-factor-field.tsx'
import { review } from '../actions.ts'

type Props = {
  leaseId: string
  legend: string
  options: readonly { value: string; label: string; hint?: string }[]
  asks: AskedFactors
}

/** What a reviewer, or the second signer, finds, with a note that stays. */
export function ReviewForm({ leaseId, legend, options, asks }: Props) {
  const [state, action] = useActionState(review, { errors: [], decision: '', note: '', asks })
  return (
    <form action={action} aria-label="Review" className="space-y-6" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="lease" value={leaseId} />
      <RadioGroup
        key={`decision ${state.decision}`}
        name="decision"
        legend={legend}
        options={options}
        defaultValue={state.decision || undefined}
        error={errorFor(state.errors, 'decision')}
      />
      <TextArea
        key={`note ${state.note}`}
        name="note"
        label="Note"
        hint="What you looked at, and what speaks for it. A question is read by the person who broke the glass."
        rows={4}
        limit={2000}
        defaultValue={state.note}
        error={errorFor(state.errors, 'note')}
      />
      {state.asks && (
        <SecondFactorField
          name="code"
          asks={state.asks}
          why="It stands for your signature."
          error={errorFor(state.errors, 'code')}
        />
      )}
      <SubmitButton pendingText="Signing…">Sign</SubmitButton>
    </form>
  )
}
