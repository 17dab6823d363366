'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { startReviewAction } from './actions.ts'

/** Whose access to review, and how long there is to answer. */
export function StartForm({ asks }: { asks: AskedFactors }) {
  const [state, submit] = useActionState(startReviewAction, null)
  const errors = state?.errors ?? []
  const asked = state?.asks || asks
  return (
    <form action={submit} key={JSON.stringify(state?.values)} noValidate className="space-y-5">
      <ErrorSummary errors={errors} />
      <RadioGroup
        name="scope"
        legend="Whose access"
        framed
        defaultValue={state?.values['scope'] ?? ''}
        error={errorFor(errors, 'scope')}
        options={[
          {
            value: 'privileged',
            label: 'Administrators and compliance officers',
            hint: 'Comes again by itself every three months.',
          },
          {
            value: 'standard',
            label: 'Nurses, clinicians and billing',
            hint: 'Comes again by itself every year.',
          },
        ]}
      />
      <TextInput
        name="days"
        label="Days to answer"
        hint="From 7 to 60. After the last day, access that nobody answered for ends."
        inputMode="numeric"
        autoComplete="off"
        width="short"
        unit="days"
        maxLength={2}
        defaultValue={state?.values['days'] ?? '14'}
        error={errorFor(errors, 'days')}
      />
      {asked && <SecondFactorField name="review-code" asks={asked} error={errorFor(errors, 'review-code')} />}
      <SubmitButton pendingText="Starting…">Start review</SubmitButton>
    </form>
  )
}
