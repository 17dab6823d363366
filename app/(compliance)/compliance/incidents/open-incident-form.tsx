'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { reportIncident } from './actions.ts'

/** Opens an incident by hand: something that came to compliance by another way. */
export function OpenIncidentForm() {
  const [state, action] = useActionState(reportIncident, { errors: [], note: '' })
  return (
    <form action={action} aria-label="Report an incident" className="space-y-4" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextArea
        key={state.note}
        name="note"
        label="What happened"
        hint="Who, when, and how it became known. It is kept encrypted."
        rows={4}
        limit={4000}
        defaultValue={state.note}
        error={errorFor(state.errors, 'note')}
      />
      <SubmitButton pendingText="Opening…">Open an incident</SubmitButton>
    </form>
  )
}
