'use client'

import { useActionState } from 'react'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { showSsnAction } from './actions.ts'

/** Asks for a fresh one-time code before the full number is shown. */
export function SsnForm({ patientId, lastFour }: { patientId: string; lastFour: string }) {
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
          <TextInput
            name="code"
            label="One-time code"
            hint="The full number is shown after a fresh code from your app. This is recorded."
            inputMode="numeric"
            autoComplete="one-time-code"
            width="short"
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
