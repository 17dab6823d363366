'use client'

import { useActionState } from 'react'
import { DateParts } from '#components/ui/date-parts.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { PatientSearchForm } from '#lib/records/patients/view.ts'
import { searchPatientsAction } from './actions.ts'

/** Exact words, sent by POST and kept on the server: names and birth dates never stand in an address. */
export function SearchForm({ initial }: { initial: PatientSearchForm }) {
  const [state, submit] = useActionState(searchPatientsAction, null)
  const form = state?.form ?? initial
  const error = (field: string) => errorFor(state?.problems, field)
  const typed = { autoComplete: 'off', spellCheck: false } as const
  return (
    <form
      action={submit}
      key={JSON.stringify(form)}
      aria-label="Find a patient"
      data-card
      className="space-y-4 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <div className="grid items-end gap-4 xs:grid-cols-2 md:grid-cols-[1fr_1fr_auto_1fr]">
        <TextInput
          {...typed}
          name="familyName"
          label="Family name"
          defaultValue={form.familyName}
          error={error('familyName')}
        />
        <TextInput {...typed} name="givenName" label="Given name" optional defaultValue={form.givenName} />
        <div className="xs:max-md:col-span-2">
          <DateParts
            name="birth"
            legend="Birth date"
            optional
            hint={null}
            defaultValue={{ month: form.birthMonth, day: form.birthDay, year: form.birthYear }}
            error={error('birth')}
          />
        </div>
        <TextInput
          {...typed}
          name="mrn"
          label="or MRN"
          optional
          defaultValue={form.mrn}
          error={error('mrn')}
        />
      </div>
      <SubmitButton pendingText="Searching…">Find</SubmitButton>
    </form>
  )
}
