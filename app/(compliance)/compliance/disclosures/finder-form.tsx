'use client'

import { useActionState } from 'react'
import { AppLink } from '#components/ui/app-link.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { paths } from '#lib/paths.ts'
import { findPatientAction } from './actions.ts'

/** Finds a patient by what stands in the request or on the letter. */
export function FinderForm() {
  const [state, submit] = useActionState(findPatientAction, null)
  const field = (name: string) => ({
    name,
    defaultValue: state?.values[name] ?? '',
    error: errorFor(state?.problems, name),
    autoComplete: 'off',
    spellCheck: false,
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <TextInput {...field('familyName')} label="Family name" />
        <TextInput {...field('givenName')} label="Given name" />
        <TextInput {...field('birthDate')} label="Birth date" type="date" optional />
        <TextInput {...field('mrn')} label="or MRN" optional />
      </div>
      <SubmitButton pendingText="Searching…">Open the ledger</SubmitButton>
      {state && state.found.length > 0 && (
        <div role="status">
          <p>Several patients fit. Choose one, or enter the birth date:</p>
          <ul className="mt-2 flex flex-wrap gap-4">
            {state.found.map(({ patientId, reference }) => (
              <li key={patientId}>
                <AppLink href={paths.complianceLedger(patientId)}>{reference}</AppLink>
              </li>
            ))}
          </ul>
        </div>
      )}
    </form>
  )
}
