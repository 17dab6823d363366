'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { FormState } from '../../../../opened.ts'

type Props = { action: (state: FormState, data: FormData) => Promise<FormState>; formKey: string }

/** Which agency asked for silence, how, and until when. */
export function SuspensionForm({ action, formKey }: Props) {
  const [state, submit] = useActionState(action, null)
  const field = (name: string) => ({
    name,
    defaultValue: state?.values[name] ?? '',
    error: errorFor(state?.problems, name),
    autoComplete: 'off',
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <input type="hidden" name="key" value={formKey} />
      <TextInput {...field('authority')} label="Agency and official" />
      <TextArea
        {...field('statement')}
        label="What was stated"
        hint="Why telling the patient would impede their work."
        limit={1000}
        rows={2}
      />
      <RadioGroup
        name="form"
        legend="How it was stated"
        defaultValue={state?.values['form']}
        error={errorFor(state?.problems, 'form')}
        options={[
          { value: 'written', label: 'In writing' },
          { value: 'oral', label: 'Orally: holds for 30 days at most' },
        ]}
      />
      <TextInput {...field('until')} label="Last day" type="date" width="medium" />
      <SubmitButton pendingText="Saving…" variant="secondary">
        Keep silence
      </SubmitButton>
    </form>
  )
}
