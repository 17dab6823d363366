'use client'

import { useActionState } from 'react'
import { PasskeyButton } from '#components/auth/passkey-button.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { proveByCode, proveByPasskey, startProofByPasskey } from './actions.ts'

/** One field for either kind of code, so that nothing tells which second step an account has. */
export function ProofForm() {
  const [state, action] = useActionState(proveByCode, { errors: [] })
  return (
    <>
      <form action={action} className="space-y-5" noValidate>
        <ErrorSummary errors={state.errors} />
        <TextInput
          name="code"
          label="One-time code or recovery code"
          hint="Six digits from your authenticator app, or ten letters and digits such as 7K3MX-92QDA"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          width="medium"
          maxLength={32}
          error={errorFor(state.errors, 'code')}
        />
        <SubmitButton pendingText="Checking…">Continue</SubmitButton>
      </form>
      <PasskeyButton begin={startProofByPasskey} finish={proveByPasskey}>
        Use a passkey
      </PasskeyButton>
    </>
  )
}
