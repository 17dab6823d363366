'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { lockMyAccount } from './actions.ts'

/** Opening a letter's link changes nothing: this button does. */
export function NotMeForm() {
  const [state, action] = useActionState(lockMyAccount, { errors: [] })
  return (
    <form action={action} className="space-y-5">
      <ErrorSummary errors={state.errors} />
      <SubmitButton variant="danger" pendingText="Locking…">
        It wasn’t me: lock my account
      </SubmitButton>
    </form>
  )
}
