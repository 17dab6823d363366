'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { ReviewState } from './actions.ts'

type Props = {
  action: (state: ReviewState, data: FormData) => Promise<ReviewState>
  /** A critical result needs a comment. */
  isCritical: boolean
}

/** Says that somebody looked at the result. */
export function ReviewForm({ action, isCritical }: Props) {
  const [state, submit] = useActionState(action, null)
  return (
    <form action={submit} className="space-y-4" noValidate>
      {state && <ErrorSummary errors={[{ field: 'comment', message: state.problem }]} />}
      <TextArea
        key={state?.comment}
        name="comment"
        label="Comment"
        hint={
          isCritical
            ? 'This result is critical: say what was done. The patient can read it.'
            : 'The patient can read it.'
        }
        optional={!isCritical}
        rows={3}
        limit={1000}
        defaultValue={state?.comment}
        error={state?.problem}
      />
      <SubmitButton pendingText="Saving…">Mark reviewed</SubmitButton>
    </form>
  )
}
