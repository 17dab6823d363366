'use client'

import { useActionState, type ReactNode } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { DateParts } from '#components/ui/date-parts.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { FoundPatients } from '../../found-patients.tsx'
import { LookAgain } from '../../look-again.tsx'
import { registerPatientAction } from './actions.ts'

type Props = {
  /** Becomes the patient's id: the same form sent twice registers one person. */
  formKey: string
  carers: readonly { value: string; label: string }[]
  defaultCarer: string
}

/** Who the patient is, how to reach them, and who will care for them. */
export function RegisterForm({ formKey, carers, defaultCarer }: Props) {
  const [state, submit] = useActionState(registerPatientAction, null)
  const value = (name: string, initial = '') => state?.values[name] ?? initial
  const problems = state?.problems ?? []
  const similar = state?.similar ?? []
  const field = (name: string, initial?: string) => ({
    name,
    defaultValue: value(name, initial),
    error: errorFor(problems, name),
  })
  const text = { autoComplete: 'off', spellCheck: false } as const
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="max-w-reading space-y-5" noValidate>
      {problems.length > 0 && <ErrorSummary errors={problems} />}
      <input type="hidden" name="key" value={formKey} />
      <Part title="Who they are">
        <TextInput {...field('givenName')} {...text} label="Given name" />
        <TextInput {...field('familyName')} {...text} label="Family name" />
        <TextInput {...field('preferredName')} {...text} label="Name to use" optional />
        <TextInput {...field('pronouns')} {...text} label="Pronouns" optional />
        <DateParts
          name="birth"
          legend="Birth date"
          defaultValue={{ month: value('birth-month'), day: value('birth-day'), year: value('birth-year') }}
          error={errorFor(problems, 'birth')}
        />
        <div className="sm:col-span-2">
          <RadioGroup
            name="sex"
            legend="Sex on the record"
            inline
            defaultValue={value('sex')}
            error={errorFor(problems, 'sex')}
            options={[
              { value: 'female', label: 'Female' },
              { value: 'male', label: 'Male' },
              { value: 'other', label: 'Other' },
              { value: 'unknown', label: 'Unknown' },
            ]}
          />
        </div>
        <TextInput {...field('mrn')} {...text} label="MRN" hint="Empty: a new one is made." optional />
        <TextInput
          {...field('ssn')}
          {...text}
          label="Social security number"
          hint="Afterwards only its last four digits are shown."
          inputMode="numeric"
          optional
        />
      </Part>
      <Part title="How to reach them">
        <TextInput {...field('phone')} {...text} label="Phone" inputMode="tel" optional />
        <TextInput {...field('email')} {...text} label="E-mail" inputMode="email" optional />
        <TextInput {...field('addressLine')} {...text} label="Street and number" optional />
        <TextInput {...field('city')} {...text} label="City" optional />
        <TextInput {...field('state')} {...text} label="State" optional />
        <TextInput {...field('postalCode')} {...text} label="ZIP code" optional />
        <TextInput {...field('language')} {...text} label="Language" optional />
      </Part>
      <Part title="Who will care for them">
        <Select
          {...field('carer', defaultCarer)}
          label="Team or person"
          emptyLabel="Choose…"
          options={carers}
        />
        <TextInput {...field('reason')} {...text} label="Why" optional />
      </Part>
      {similar.length > 0 && (
        <LookAgain label="Patients with this name and birth date" about={state}>
          <Notice tone="warn" title="Is it one of these patients?">
            They have the same family name and birth date. Nothing is registered yet.
          </Notice>
          <FoundPatients patients={similar} caption="Patients with this name and birth date" />
          {similar.map(({ patient }) => (
            <input key={patient.patientId} type="hidden" name="shown" value={patient.patientId} />
          ))}
          <Choice
            type="checkbox"
            id="confirmed"
            name="confirmed"
            value="yes"
            label="None of them: this is somebody else"
          />
        </LookAgain>
      )}
      <SubmitButton pendingText="Registering…">Register patient</SubmitButton>
    </form>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset data-card className="rounded-xl border border-line bg-card p-(--gap)">
      <legend className="sr-only">{title}</legend>
      <h2 aria-hidden="true" className="mb-4">
        {title}
      </h2>
      <div className="grid items-start gap-4 sm:grid-cols-2">{children}</div>
    </fieldset>
  )
}
