'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { sendAnswer } from '../actions.ts'

/** What the person says to compliance's question. */
export function AnswerForm({ leaseId }: { leaseId: string }) {
  const [state, action] = useActionState(sendAnswer, { errors: [], answer: '' })
  return (
    <form action={action} aria-label="Answer" className="space-y-4" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="lease" value={leaseId} />
      <TextArea
        key={state.answer}
        name="answer"
        label="Answer"
        rows={4}
        limit={2000}
        defaultValue={state.answer}
        error={errorFor(state.errors, 'answer')}
      />
      <SubmitButton pendingText="Sending…">Send answer</SubmitButton>
    </form>
  )
}
