'use client'

import { useActionState } from 'react'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import type { SecondFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../../confirm/second-factor-field.tsx'
import { showSsnAction } from './actions.ts'

type Props = { patientId: string; lastFour: string; asks: SecondFactors }

/** Asks for a fresh second factor before the full number is shown. */
export function SsnForm({ patientId, lastFour, asks }: Props) {
  const [state, submit] = useActionState(showSsnAction, null)
  return (
    <form action={submit} className="space-y-3">
      <input type="hidden" name="patient" value={patientId} />
      <p role="status">
        <span className="text-muted">Social security number </span>
        <strong className="tabular">{state?.kind === 'shown' ? state.ssn : `•••-••-${lastFour}`}</strong>
      </p>
      {state?.kind !== 'shown' && (
        <>
          <SecondFactorField
            name="code"
            asks={asks}
            why="The full number is shown after a fresh proof that it is you. This is recorded."
            error={state?.kind === 'problem' ? state.message : undefined}
          />
          <SubmitButton variant="secondary" pendingText="Checking…">
            Show full number
          </SubmitButton>
        </>
      )}
    </form>
  )
}
