'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { ConfirmFields } from '../confirm-fields.tsx'
import { endSessions } from './actions.ts'

type Props = {
  /** a session's id, all others, or all */
  which: string
  /** what the button says */
  label: string
  /** the same with its object, for whoever does not see the row */
  fullLabel?: string | undefined
}

/** Ends sessions. The second factor is asked for after the press, so that a list of sessions is no list of code fields. */
export function EndSessionsForm({ which, label, fullLabel }: Props) {
  const [state, submit] = useActionState(endSessions, { errors: [], asks: false })
  const field = `end-${which}`
  return (
    <form action={submit} aria-label={fullLabel ?? label} className="space-y-3" noValidate>
      <ErrorSummary errors={state.errors} />
      <input type="hidden" name="which" value={which} />
      <ConfirmFields field={field} {...state} why="" />
      <SubmitButton variant="secondary" pendingText="Ending…" aria-label={fullLabel}>
        {label}
      </SubmitButton>
    </form>
  )
}
