'use client'

import { useActionState } from 'react'
import { makePasskey } from '#components/auth/ask-passkey.ts'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { ConfirmFields } from '../confirm-fields.tsx'
import { beginAddingPasskey, finishAddingPasskey, type PasskeyState } from './actions.ts'

type Props = {
  /** what the device is probably called */
  suggestion: string
}

/** Adds a passkey: a name first, then the device asks its owner. */
export function PasskeyForm({ suggestion }: Props) {
  const [state, action] = useActionState(add, { errors: [], asks: false, name: suggestion })
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
      <ConfirmFields field="passkey-code" {...state} />
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
  if (!begun.options) return { ...begun, name }
  const device = await makePasskey(begun.options)
  if ('problem' in device) return { errors: [{ field: '', message: device.problem }], asks: false, name }
  return { ...(await finishAddingPasskey(name, device.answer)), name }
}
