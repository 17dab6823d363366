'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { decideCaseAction } from './actions.ts'

const choices = [
  { value: 'EXPLAINED', label: 'It is explained', hint: 'There was a reason. Say which, and how you know.' },
  {
    value: 'ESCALATED',
    label: 'Open an incident',
    hint: 'Other officers are told, and it is assessed whether this is a breach.',
  },
  {
    value: 'SUPPRESSED',
    label: 'Hold the same back for some days',
    hint: 'For this person and this record alone: a known arrangement that the records do not show.',
  },
]

type Props = { caseId: string; reasonMax: number; asks: AskedFactors }

/** What is to be done about a case, and why. */
export function DecideForm({ caseId, reasonMax, asks }: Props) {
  const [state, submit] = useActionState(decideCaseAction, {
    errors: [],
    asks,
    kind: '',
    reason: '',
    days: '30',
  })
  return (
    <form
      action={submit}
      key={JSON.stringify(state)}
      aria-label="Your decision"
      noValidate
      className="space-y-4 print:hidden"
    >
      <input type="hidden" name="case" value={caseId} />
      <ErrorSummary errors={state.errors} />
      <RadioGroup
        name="kind"
        legend="What is to be done"
        options={choices}
        defaultValue={state.kind}
        error={errorFor(state.errors, 'kind')}
      />
      <TextInput
        name="days"
        label="Days, if held back"
        type="number"
        inputMode="numeric"
        hint="1 to 90"
        defaultValue={state.days}
        error={errorFor(state.errors, 'days')}
      />
      <TextArea
        name="reason"
        label="Reason"
        hint="Kept sealed, readable for compliance officers."
        rows={4}
        limit={reasonMax}
        defaultValue={state.reason}
        error={errorFor(state.errors, 'reason')}
        autoComplete="off"
      />
      {state.asks && (
        <SecondFactorField name="case-code" asks={state.asks} error={errorFor(state.errors, 'case-code')} />
      )}
      <SubmitButton pendingText="Recording…">Record the decision</SubmitButton>
    </form>
  )
}
