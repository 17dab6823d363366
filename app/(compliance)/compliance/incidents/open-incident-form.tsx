'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { report } from './actions.ts'

/** Opens an incident by hand: something that came to compliance by another way. */
export function OpenIncidentForm({ people }: { people: readonly { value: string; label: string }[] }) {
  const [state, action] = useActionState(report, { errors: [], accused: '', note: '' })
  return (
    <form action={action} aria-label="Report an incident" className="space-y-4" noValidate>
      <ErrorSummary errors={state.errors} />
      <Select
        key={`who ${state.accused}`}
        name="accused"
        label="Whose doing it was"
        hint="A member of staff. They will not see the incident, also if they work for compliance."
        options={people}
        emptyLabel="Not known, or nobody of the staff"
        defaultValue={state.accused}
        error={errorFor(state.errors, 'accused')}
        optional
      />
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
