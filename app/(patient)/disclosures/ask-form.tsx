'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { askAction } from './actions.ts'

type Props = { formKey: string; from: string; to: string }

/** For which days somebody wants to know to whom information was given. */
export function AskForm({ formKey, from, to }: Props) {
  const [state, submit] = useActionState(askAction, null)
  const field = (name: string, usual: string) => ({
    name,
    defaultValue: state?.values[name] ?? usual,
    error: errorFor(state?.problems, name),
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <input type="hidden" name="key" value={formKey} />
      <div className="grid items-end gap-4 sm:grid-cols-2">
        <TextInput {...field('from', from)} label="From" type="date" />
        <TextInput {...field('to', to)} label="To" type="date" />
      </div>
      <SubmitButton pendingText="Sending…">Ask for the list</SubmitButton>
    </form>
  )
}
