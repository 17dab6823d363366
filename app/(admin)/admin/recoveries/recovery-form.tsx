'use client'

import { useActionState, type ReactNode } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { keepTyped } from '#components/ui/keep-typed.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { recoveryStep } from './actions.ts'

type Props = {
  step: 'ask' | 'agree' | 'close'
  /** the colleague's account, or the request */
  about: string
  label: string
  pendingText: string
  children?: ReactNode
}

/** One step of a colleague's recovery, with its answer beside the button. */
export function RecoveryForm({ step, about, label, pendingText, children }: Props) {
  const [state, submit] = useActionState(recoveryStep, null)
  return (
    <form action={submit} ref={keepTyped} className="space-y-3">
      <input type="hidden" name="step" value={step} />
      <input type="hidden" name="about" value={about} />
      {!state?.half && children}
      {state?.asks && (
        <SecondFactorField
          name="recovery-code"
          id={`recovery-code-${step}-${about}`}
          asks={state.asks}
          why="We ask again, because this changes how somebody signs in."
          error={state.message}
        />
      )}
      {!state?.half && (
        <SubmitButton variant={step === 'agree' ? 'primary' : 'secondary'} pendingText={pendingText}>
          {label}
        </SubmitButton>
      )}
      <p role="status" className="max-w-[66ch] empty:hidden">
        {!state?.asks && state?.message}
      </p>
      {state?.half && (
        <p className="flex flex-wrap items-center gap-4">
          <code className="text-lg font-semibold">{state.half}</code>
          <CopyButton text={state.half} label="Copy this half" />
        </p>
      )}
    </form>
  )
}
