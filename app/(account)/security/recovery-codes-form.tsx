'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { makeRecoveryCodes } from './actions.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../confirm/second-factor-field.tsx'

/** @param asks true when the last one-time code is too old for this change */
export function RecoveryCodesForm({ asks }: { asks: AskedFactors }) {
  const [state, action] = useActionState(makeRecoveryCodes, { errors: [], asks })
  return (
    <form action={action} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      {state.asks && (
        <SecondFactorField
          name="codes-code"
          error={errorFor(state.errors, 'codes-code')}
          asks={state.asks}
          why="We ask again, because this changes how you sign in."
        />
      )}
      <SubmitButton variant="secondary" pendingText="Making codes…">
        Make new recovery codes
      </SubmitButton>
    </form>
  )
}
