'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { confirmMyAddress } from './actions.ts'

export function ConfirmAddressForm() {
  const [state, action] = useActionState(confirmMyAddress, { errors: [] })
  return (
    <form action={action} className="space-y-5">
      <ErrorSummary errors={state.errors} />
      <SubmitButton pendingText="Confirming…">Use this address</SubmitButton>
    </form>
  )
}
