'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { ReportState } from './actions.ts'

type Props = { action: (state: ReportState, data: FormData) => Promise<ReportState>; formKey: string }

/** What worries somebody about an access, and how to reach them. */
export function ReportForm({ action, formKey }: Props) {
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
      <TextArea
        {...field('body')}
        label="What worries you about it?"
        hint="A few words are enough. You do not have to be sure."
        limit={2000}
        rows={5}
      />
      <TextInput
        {...field('contact')}
        label="How can we reach you?"
        hint="The answer comes here, under “What you reported”. Add a phone number if you want a call."
        optional
        autoComplete="off"
      />
      <SubmitButton pendingText="Sending…">Send report</SubmitButton>
    </form>
  )
}
