'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../../confirm/second-factor-field.tsx'
import { write } from '../actions.ts'

type Props = {
  incidentId: string
  kind: 'NOTE' | 'ASSESSMENT' | 'PATIENT_TOLD' | 'CLOSED'
  label: string
  hint: string
  submit: string
  /** the four factors; for an assessment */
  factors?: readonly { name: string; legend: string; hint: string }[]
  asks: AskedFactors
}

const levels = [
  { value: 'LOW', label: 'Low risk' },
  { value: 'MEDIUM', label: 'Medium risk' },
  { value: 'HIGH', label: 'High risk' },
] as const

/** One kind of entry in an incident: words, for an assessment the four factors, and a one-time code as signature. */
export function WriteForm({ incidentId, kind, label, hint, submit, factors = [], asks }: Props) {
  const [state, action] = useActionState(write, { errors: [], values: {}, asks })
  const error = (field: string) => errorFor(state.errors, field)
  return (
    <form
      action={action}
      aria-label={label}
      className="space-y-5"
      noValidate
      key={JSON.stringify(state.values)}
    >
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="incident" value={incidentId} />
      <input type="hidden" name="kind" value={kind} />
      {factors.length > 0 && (
        <div className="grid gap-5 md:grid-cols-2">
          {factors.map(({ name, legend, hint: why }) => (
            <RadioGroup
              key={name}
              name={name}
              legend={legend}
              hint={why}
              options={levels}
              inline
              defaultValue={state.values[name] || undefined}
              error={error(name)}
            />
          ))}
        </div>
      )}
      {kind === 'ASSESSMENT' && (
        <RadioGroup
          name="outcome"
          legend="What it comes to"
          options={[
            { value: 'BREACH', label: 'A breach: the patient is told' },
            { value: 'LOW_PROBABILITY', label: 'A low probability that anything was compromised' },
          ]}
          defaultValue={state.values['outcome'] || undefined}
          error={error('outcome')}
        />
      )}
      <TextArea
        name="note"
        id={`note-${kind}`}
        label={label}
        hint={hint}
        rows={4}
        limit={4000}
        defaultValue={state.values['note']}
        error={error('note')}
      />
      {kind !== 'NOTE' && state.asks && (
        <SecondFactorField
          name="code"
          id={`code-${kind}`}
          asks={state.asks}
          why="It stands for your signature."
          error={error('code')}
        />
      )}
      <SubmitButton pendingText="Saving…" variant={kind === 'NOTE' ? 'secondary' : 'primary'}>
        {submit}
      </SubmitButton>
    </form>
  )
}
