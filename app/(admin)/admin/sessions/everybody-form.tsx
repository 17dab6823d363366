'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { plural } from '#lib/format.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { signEverybodyOut } from './actions.ts'

/** Signs everybody out at once. */
export function EverybodyForm() {
  const [state, submit] = useActionState(signEverybodyOut, { errors: [], asks: false })
  return (
    <form action={submit} aria-label="Sign everybody out" noValidate className="max-w-form space-y-4">
      <PageStatus>
        {state.ended !== undefined &&
          `Everybody else was signed out: ${plural(state.ended, 'session', 'sessions')} ended.`}
      </PageStatus>
      <ErrorSummary errors={state.errors} />
      <Choice
        type="checkbox"
        id="sure"
        name="sure"
        value="yes"
        label="I mean everybody, patients included"
        hint="Whoever is treating somebody right now has to sign in again."
        defaultChecked={state.asks !== false}
      />
      {state.asks && (
        <SecondFactorField
          name="everybody-code"
          asks={state.asks}
          why="We ask again, because this stops everybody’s work."
          error={errorFor(state.errors, 'everybody-code')}
        />
      )}
      <SubmitButton variant="danger" pendingText="Signing out…">
        Sign everybody out
      </SubmitButton>
    </form>
  )
}
