'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { FormState } from '../../../opened.ts'

type Props = {
  action: (state: FormState, data: FormData) => Promise<FormState>
  formKey: string
  bases: { value: string; label: string }[]
  /** What the row says so far; a correction begins with it. */
  initial?: Record<string, string>
  isCorrection?: boolean
}

/** When, to whom, what and why; for a correction also what was wrong. */
export function DisclosureForm({ action, formKey, bases, initial, isCorrection = false }: Props) {
  const [state, submit] = useActionState(action, null)
  const field = (name: string) => ({
    name,
    defaultValue: state?.values[name] ?? initial?.[name] ?? '',
    error: errorFor(state?.problems, name),
    autoComplete: 'off',
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <input type="hidden" name="key" value={formKey} />
      <div className="grid items-end gap-4 sm:grid-cols-3">
        <TextInput {...field('date')} label="Day" type="date" />
        <TextInput {...field('lastDate')} label="Last day, if repeated" type="date" optional />
        <TextInput {...field('times')} label="How often, if repeated" inputMode="numeric" optional />
      </div>
      <div className="grid items-end gap-4 sm:grid-cols-2">
        <TextInput {...field('recipientName')} label="Who received it" />
        <TextInput {...field('recipientAddress')} label="Their address" optional />
      </div>
      <Select {...field('basis')} label="Kind" emptyLabel="Choose…" options={bases} />
      <TextArea {...field('what')} label="What was given" limit={1000} rows={2} />
      <TextArea
        {...field('purpose')}
        label="Why"
        hint="The patient reads this: what the purpose was, or what the request said."
        limit={1000}
        rows={2}
      />
      {isCorrection && (
        <>
          <TextInput {...field('reason')} label="What was wrong" />
          <Choice
            type="checkbox"
            id="withdrawn"
            name="withdrawn"
            value="yes"
            label="It never took place"
            hint="Then nothing stands in its place."
            defaultChecked={state?.values['withdrawn'] === 'yes'}
          />
        </>
      )}
      <SubmitButton pendingText="Saving…">
        {isCorrection ? 'Write the correction' : 'Record disclosure'}
      </SubmitButton>
    </form>
  )
}
