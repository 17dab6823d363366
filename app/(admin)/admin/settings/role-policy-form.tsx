'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { RolePolicyView } from '#lib/accounts/role-policies/view.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { saveRolePolicy } from './actions.ts'

type Props = {
  policy: RolePolicyView
  /** what "passkeys only" would mean for the people of this role, in words */
  passkeyHint: string
}

/** The limits of one role. */
export function RolePolicyForm({ policy, passkeyHint }: Props) {
  const { role, roleName } = policy
  const [state, submit] = useActionState(saveRolePolicy, { errors: [], asks: false, values: null })
  const field = (name: string): string => `${name}-${role}`
  const error = (name: string) => errorFor(state.errors, field(name))
  return (
    <form
      action={submit}
      key={JSON.stringify(state.values)}
      aria-label={`Limits: ${roleName}`}
      noValidate
      className="space-y-4"
    >
      <input type="hidden" name="role" value={role} />
      <ErrorSummary errors={state.errors} />
      <div className="grid items-end gap-4 xs:grid-cols-2">
        <TextInput
          name={field('idleMinutes')}
          label="Signed out without use after"
          hint="From 5 to 15. We ask two minutes before."
          inputMode="numeric"
          autoComplete="off"
          width="short"
          unit="minutes"
          maxLength={2}
          defaultValue={state.values?.idleMinutes ?? policy.idleMinutes}
          error={error('idleMinutes')}
        />
        <TextInput
          name={field('maxSessions')}
          label="Signed in at once on"
          hint="From 1 to 8. One more ends the one unused longest."
          inputMode="numeric"
          autoComplete="off"
          width="short"
          unit="devices"
          maxLength={1}
          defaultValue={state.values?.maxSessions ?? policy.maxSessions}
          error={error('maxSessions')}
        />
      </div>
      <Choice
        type="checkbox"
        id={field('passkeyOnly')}
        name={field('passkeyOnly')}
        value="yes"
        label="Passkeys only"
        hint={passkeyHint}
        defaultChecked={state.values?.passkeyOnly ?? policy.passkeyOnly}
      />
      {state.asks && (
        <SecondFactorField
          name={field('code')}
          asks={state.asks}
          why="We ask again, because this changes how people sign in."
          error={error('code')}
        />
      )}
      <SubmitButton variant="secondary" pendingText="Saving…" aria-label={`Save the limits: ${roleName}`}>
        Save
      </SubmitButton>
    </form>
  )
}
