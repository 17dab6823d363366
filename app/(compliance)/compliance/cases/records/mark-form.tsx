'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../../confirm/second-factor-field.tsx'
import { markRecordAction } from './actions.ts'

type Props = { staff: readonly { value: string; label: string }[]; asks: AskedFactors }

/** Which record is marked, and as what. */
export function MarkForm({ staff, asks }: Props) {
  const [state, submit] = useActionState(markRecordAction, { errors: [], asks, values: {} })
  const { errors, values } = state
  return (
    <form
      action={submit}
      key={JSON.stringify(values)}
      aria-label="Mark a record"
      noValidate
      className="space-y-4"
    >
      <ErrorSummary errors={errors} />
      <RadioGroup
        name="kind"
        legend="What the mark says"
        defaultValue={values['kind']}
        error={errorFor(errors, 'kind')}
        options={[
          { value: 'STAFF', label: 'A colleague’s own record' },
          { value: 'CONFIDENTIAL', label: 'A record that draws curiosity' },
        ]}
      />
      <Select
        name="account"
        label="Colleague"
        emptyLabel="Nobody"
        options={staff}
        defaultValue={values['account']}
        error={errorFor(errors, 'account')}
      />
      <div className="grid gap-4 xs:grid-cols-2">
        {(
          [
            ['familyName', 'Patient’s family name'],
            ['givenName', 'Given name'],
          ] as const
        ).map(([name, label]) => (
          <TextInput
            key={name}
            name={name}
            label={label}
            defaultValue={values[name]}
            error={errorFor(errors, name)}
            autoComplete="off"
            spellCheck={false}
          />
        ))}
        <TextInput
          name="birthDate"
          label="Birth date"
          optional
          type="date"
          defaultValue={values['birthDate']}
        />
        <TextInput
          name="mrn"
          label="or MRN"
          optional
          defaultValue={values['mrn']}
          error={errorFor(errors, 'mrn')}
          autoComplete="off"
        />
      </div>
      {state.asks && (
        <SecondFactorField name="mark-code" asks={state.asks} error={errorFor(errors, 'mark-code')} />
      )}
      <SubmitButton pendingText="Marking…">Mark the record</SubmitButton>
    </form>
  )
}
