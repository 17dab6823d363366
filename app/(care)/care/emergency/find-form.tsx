'use client'

import { useActionState } from 'react'
import { DateParts } from '#components/ui/date-parts.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { FindForm } from '#lib/oversight/break-glass/view.ts'
import { findPatient } from './actions.ts'

/** The record number, or the whole name and the birth date: nobody is found by trying. */
export function EmergencyFindForm({ initial }: { initial: FindForm }) {
  const [state, submit] = useActionState(findPatient, null)
  const form = state?.form ?? initial
  const error = (field: string) => errorFor(state?.problems, field)
  const typed = { autoComplete: 'off', spellCheck: false } as const
  return (
    <form
      action={submit}
      key={JSON.stringify(form)}
      aria-label="Find the patient"
      data-card
      className="space-y-4 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <h2>Find the patient</h2>
      <p className="max-w-[66ch] text-muted">
        Give the MRN, or the family name, given name and birth date together. The search is recorded, and
        shows nothing of the record.
      </p>
      <div className="max-w-[20rem]">
        <TextInput {...typed} name="mrn" label="MRN" optional defaultValue={form.mrn} error={error('mrn')} />
      </div>
      <div className="grid items-end gap-4 xs:grid-cols-2 md:grid-cols-[1fr_1fr_auto]">
        <TextInput
          {...typed}
          name="familyName"
          label="or family name"
          defaultValue={form.familyName}
          error={error('familyName')}
        />
        <TextInput
          {...typed}
          name="givenName"
          label="with given name"
          defaultValue={form.givenName}
          error={error('givenName')}
        />
        <div className="xs:max-md:col-span-2">
          <DateParts
            name="birth"
            legend="and birth date"
            hint={null}
            defaultValue={{ month: form.birthMonth, day: form.birthDay, year: form.birthYear }}
            error={error('birth')}
          />
        </div>
      </div>
      <SubmitButton pendingText="Searching…">Find</SubmitButton>
    </form>
  )
}
