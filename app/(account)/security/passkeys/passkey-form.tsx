'use client'

import { useActionState } from 'react'
import { makePasskey } from '#components/auth/ask-passkey.ts'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { beginAddingPasskey, finishAddingPasskey, type PasskeyState } from './actions.ts'

type Props = {
  /** true when the last one-time code is too old for this change */
  asks: AskedFactors
  /** what the device is probably called */
  suggestion: string
}

/** Adds a passkey: a name first, then the device asks its owner. */
export function PasskeyForm({ asks, suggestion }: Props) {
  const [state, action] = useActionState(add, { errors: [], asks, name: suggestion })
  return (
    <form action={action} className="max-w-form space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="passkey-name"
        label="Name of this device"
        hint="So that you know it again, such as “Phone” or “Work laptop”"
        autoComplete="off"
        maxLength={60}
        defaultValue={state.name}
        error={errorFor(state.errors, 'passkey-name')}
      />
      {state.asks && (
        <SecondFactorField
          name="passkey-code"
          error={errorFor(state.errors, 'passkey-code')}
          asks={state.asks}
          why="We ask again, because this changes how you sign in."
        />
      )}
      <SubmitButton variant="secondary" pendingText="Waiting for your device…">
        Add a passkey
      </SubmitButton>
    </form>
  )
}

type State = PasskeyState & { name: string }

async function add(_: State, form: FormData): Promise<State> {
  const text = (field: string) => {
    const value = form.get(field)
    return typeof value === 'string' ? value : ''
  }
  const name = text('passkey-name')
  const begun = await beginAddingPasskey(form)
  if (!begun.options) return { errors: begun.errors, asks: begun.asks, name }
  const device = await makePasskey(begun.options)
  if ('problem' in device) return { errors: [{ field: '', message: device.problem }], asks: false, name }
  return { ...(await finishAddingPasskey(name, device.answer)), name }
}
