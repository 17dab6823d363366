'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import type { SecurityState } from './actions.ts'
import { ConfirmFields } from './confirm-fields.tsx'

type Props = {
  action: (before: SecurityState, form: FormData) => Promise<SecurityState>
  /** the name of the field that asks for the second factor */
  field: string
  label: string
  pendingText: string
}

/** One button that changes how somebody signs in. Pressed, it asks them to confirm that it is them, when that was too long ago. */
export function ConfirmedForm({ action, field, label, pendingText }: Props) {
  const [state, send] = useActionState(action, { errors: [], asks: false })
  return (
    <form action={send} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <ConfirmFields field={field} {...state} />
      <SubmitButton variant="secondary" pendingText={pendingText}>
        {label}
      </SubmitButton>
    </form>
  )
}
