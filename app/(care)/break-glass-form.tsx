'use client'

import { useActionState } from 'react'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { LinkButton } from '#components/ui/link-button.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { SecondFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../confirm/second-factor-field.tsx'
import { breakGlass } from './care/emergency/actions.ts'

type Props = {
  patientId: string
  kind: 'PATIENT' | 'SCOPE'
  reasons: readonly { value: string; label: string }[]
  cancelHref: string
  submit: string
  asks: SecondFactors
}

/** Why, in the list's words and in one's own, and a one-time code: all on one page, because it is an emergency. */
export function BreakGlassForm({ patientId, kind, reasons, cancelHref, submit, asks }: Props) {
  const [state, action] = useActionState(breakGlass, { errors: [], reason: '', words: '' })
  const error = (field: string) => errorFor(state.errors, field)
  return (
    <form action={action} aria-label="Break the glass" className="space-y-6" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="patient" value={patientId} />
      <input type="hidden" name="kind" value={kind} />
      <RadioGroup
        key={`reason ${state.reason}`}
        name="reason"
        legend="Why do you need it?"
        options={reasons}
        defaultValue={state.reason || undefined}
        error={error('reason')}
      />
      <TextArea
        key={`words ${state.words}`}
        name="words"
        label="In your own words"
        hint="At least 15 characters. Whoever reviews this reads it."
        rows={3}
        limit={500}
        defaultValue={state.words}
        error={error('words')}
      />
      <SecondFactorField name="code" asks={asks} why="Each proof opens one record." error={error('code')} />
      <ButtonRow>
        <SubmitButton variant="danger" pendingText="Opening…">
          {submit}
        </SubmitButton>
        <LinkButton href={cancelHref} variant="secondary">
          Cancel
        </LinkButton>
      </ButtonRow>
    </form>
  )
}
