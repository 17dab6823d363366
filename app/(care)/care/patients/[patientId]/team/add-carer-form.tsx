'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AddCarerState } from './actions.ts'

type Props = {
  action: (state: AddCarerState, data: FormData) => Promise<AddCarerState>
  formKey: string
  carers: readonly { value: string; label: string }[]
}

/** Who shall care for the patient, from when to when and why. */
export function AddCarerForm({ action, formKey, carers }: Props) {
  const [state, submit] = useActionState(action, null)
  const field = (name: string) => ({
    name,
    defaultValue: state?.values[name] ?? '',
    error: errorFor(state?.problems, name),
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <input type="hidden" name="key" value={formKey} />
      <div className="grid items-end gap-4 sm:grid-cols-2">
        <Select {...field('carer')} label="Team or person" emptyLabel="Choose…" options={carers} />
        <TextInput {...field('reason')} label="Why" autoComplete="off" />
        <TextInput
          {...field('from')}
          label="First day"
          hint="Empty means from now on."
          type="date"
          optional
        />
        <TextInput {...field('until')} label="Last day" hint="Empty means no end." type="date" optional />
      </div>
      <SubmitButton pendingText="Adding…">Add to the care team</SubmitButton>
    </form>
  )
}
