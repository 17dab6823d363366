'use client'

import { useActionState } from 'react'
import { makePasskey } from '#components/auth/ask-passkey.ts'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { beginFirstPasskey, finishFirstPasskey, type FirstPasskeyState } from './actions.ts'

/** A name first, then the device asks its owner. @param suggestion what the device is probably called */
export function CreatePasskeyForm({ suggestion }: { suggestion: string }) {
  const [state, action] = useActionState(create, { errors: [], name: suggestion })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="passkey-name"
        label="Name of this device"
        hint="Such as “Phone” or “Work laptop”"
        autoComplete="off"
        maxLength={60}
        defaultValue={state.name}
        error={errorFor(state.errors, 'passkey-name')}
      />
      <SubmitButton pendingText="Waiting for your device…">Create passkey</SubmitButton>
    </form>
  )
}

type State = FirstPasskeyState & { name: string }

async function create(_: State, form: FormData): Promise<State> {
  const given = form.get('passkey-name')
  const name = typeof given === 'string' ? given : ''
  const begun = await beginFirstPasskey(name)
  if (!begun.options) return { errors: begun.errors, name }
  const device = await makePasskey(begun.options)
  if ('problem' in device) return { errors: [{ field: '', message: device.problem }], name }
  return { ...(await finishFirstPasskey(device.answer)), name }
}
