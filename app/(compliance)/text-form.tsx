'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { FormState } from './opened.ts'

type Props = {
  action: (state: FormState, data: FormData) => Promise<FormState>
  /** becomes the id of what is written, so that the same form sent twice writes once */
  formKey?: string
  name: string
  label: string
  hint?: string
  limit: number
  rows?: number
  submit: string
  variant?: 'primary' | 'secondary'
}

/** One text and a button. */
export function TextForm({ action, formKey, name, label, hint, limit, rows = 4, submit, variant }: Props) {
  const [state, send] = useActionState(action, null)
  return (
    <form action={send} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      {formKey !== undefined && <input type="hidden" name="key" value={formKey} />}
      <TextArea
        name={name}
        label={label}
        hint={hint}
        limit={limit}
        rows={rows}
        defaultValue={state?.values[name] ?? ''}
        error={errorFor(state?.problems, name)}
      />
      <SubmitButton pendingText="Sending…" variant={variant}>
        {submit}
      </SubmitButton>
    </form>
  )
}
