'use client'

import { useActionState } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { SecondFactorField } from '../../confirm/second-factor-field.tsx'
import { inviteAction } from './actions.ts'

const roles = [
  { value: 'nurse', label: 'Nurse: charts of their patients, never billing' },
  { value: 'clinician', label: 'Clinician: charts and all notes of their patients' },
  { value: 'billing', label: 'Billing: charges and claims, never clinical words' },
  { value: 'compliance', label: 'Compliance officer: the audit trail, no charts' },
  { value: 'admin', label: 'Administrator: people and sessions, no patients' },
]

/** Invites somebody to a login of their own. */
export function InviteForm() {
  const [state, submit] = useActionState(inviteAction, null)
  const values = state?.kind === 'problems' ? state.values : {}
  const error = (field: string): string | undefined =>
    state?.kind === 'problems'
      ? state.problems.find((problem) => problem.field === field)?.message
      : undefined
  return (
    <form
      action={submit}
      key={JSON.stringify(values) + (state?.kind ?? '')}
      aria-label="Invite a person"
      data-card
      className="space-y-4 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      {state?.kind === 'problems' && <ErrorSummary errors={state.problems} />}
      {state?.kind === 'invited' && (
        <Notice tone="ok" title={`${state.name} is invited`}>
          <p>
            Hand over this code in person or by telephone. It works once, for seven days, and is not shown
            again.
          </p>
          <p className="mt-2 flex flex-wrap items-center gap-4">
            <code className="text-lg font-semibold">{state.code}</code>
            <CopyButton text={state.code} label="Copy the code" />
          </p>
        </Notice>
      )}
      <div className="grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-4">
        <TextInput
          name="name"
          label="Full name"
          defaultValue={values['name']}
          error={error('name')}
          autoComplete="off"
        />
        <TextInput
          name="jobTitle"
          label="Job title"
          optional
          defaultValue={values['jobTitle']}
          error={error('jobTitle')}
          autoComplete="off"
        />
        <TextInput
          name="email"
          label="Their own email"
          type="email"
          defaultValue={values['email']}
          error={error('email')}
          autoComplete="off"
        />
        <Select
          name="role"
          label="What they do"
          emptyLabel="Choose"
          options={roles}
          defaultValue={values['role'] ?? ''}
          error={error('role')}
        />
      </div>
      {state?.kind === 'problems' && state.asks && (
        <SecondFactorField
          name="invite-code"
          asks={state.asks}
          why="We ask again, because this lets somebody in."
          error={error('invite-code')}
        />
      )}
      <SubmitButton pendingText="Inviting…">Invite</SubmitButton>
    </form>
  )
}
