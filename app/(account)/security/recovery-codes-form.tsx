'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { makeRecoveryCodes } from './actions.ts'
import { FreshCodeField } from './fresh-code-field.tsx'

/** @param asksForCode true when the last one-time code is too old for this change */
export function RecoveryCodesForm({
  asksForCode,
  hasPasskeys,
}: {
  asksForCode: boolean
  hasPasskeys: boolean
}) {
  const [state, action] = useActionState(makeRecoveryCodes, { errors: [], asksForCode })
  return (
    <form action={action} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      {state.asksForCode && (
        <FreshCodeField
          name="codes-code"
          error={errorFor(state.errors, 'codes-code')}
          hasPasskeys={hasPasskeys}
        />
      )}
      <SubmitButton variant="secondary" pendingText="Making codes…">
        Make new recovery codes
      </SubmitButton>
    </form>
  )
}
