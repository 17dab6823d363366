'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { answerItemAction } from './actions.ts'

type Props = {
  reviewId: string
  itemId: string
  name: string
  /** roles that a review can give, without the present one */
  roles: readonly { value: string; label: string }[]
  asks: AskedFactors
}

/** The answer for one account: it takes effect at once. */
export function AnswerForm({ reviewId, itemId, name, roles, asks }: Props) {
  const [state, submit] = useActionState(answerItemAction, null)
  const errors = state?.errors ?? []
  const asked = state?.asks || asks
  const field = (of: string): string => `${of}-${itemId}`
  return (
    <form
      action={submit}
      key={JSON.stringify(state?.values)}
      aria-label={`Answer for ${name}`}
      noValidate
      className="space-y-5 print:hidden"
    >
      <input type="hidden" name="review" value={reviewId} />
      <input type="hidden" name="item" value={itemId} />
      <ErrorSummary errors={errors} />
      <RadioGroup
        name={field('decision')}
        legend="Does this person still need it?"
        framed
        defaultValue={state?.values[field('decision')] ?? ''}
        error={errorFor(errors, field('decision'))}
        options={[
          { value: 'keep', label: 'Keep', hint: 'The access is right as it is.' },
          {
            value: 'change',
            label: 'Change the role',
            hint: 'The person is signed out everywhere and signs in again with the new role.',
          },
          {
            value: 'revoke',
            label: 'End the access',
            hint: 'The person is signed out everywhere at once. An administrator can undo it.',
          },
        ]}
      />
      <Select
        name={field('newRole')}
        label="New role"
        hint="Only when you change it. Privileged roles are given by administrators."
        optional
        width="medium"
        options={roles}
        emptyLabel="None"
        defaultValue={state?.values[field('newRole')] ?? ''}
        error={errorFor(errors, field('newRole'))}
      />
      <TextArea
        name={field('note')}
        label="Note"
        hint="Say why, unless you keep it. Do not name patients."
        optional
        rows={2}
        limit={1000}
        defaultValue={state?.values[field('note')] ?? ''}
        error={errorFor(errors, field('note'))}
      />
      {asked && (
        <SecondFactorField name={field('code')} asks={asked} error={errorFor(errors, field('code'))} />
      )}
      <SubmitButton pendingText="Saving…">Save answer</SubmitButton>
    </form>
  )
}
