'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { chooseWay } from './actions.ts'

export function ChooseForm() {
  const [state, action] = useActionState(chooseWay, { errors: [] })
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <RadioGroup
        name="way"
        legend="How do you want to confirm that it is you?"
        framed
        defaultValue="passkey"
        error={errorFor(state.errors, 'way')}
        options={[
          {
            value: 'passkey',
            label: 'Passkey (recommended)',
            hint: 'You unlock this phone or computer the way you always do. Next time you sign in by it alone, without a password and without codes.',
          },
          {
            value: 'app',
            label: 'Authenticator app',
            hint: 'An app on your phone shows six digits. You type them after your password each time.',
          },
        ]}
      />
      <SubmitButton>Continue</SubmitButton>
    </form>
  )
}
