'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { Details } from '#components/ui/details.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { TrailFormOptions } from '#lib/oversight/trail/form-options.ts'
import type { TrailFormView } from '#lib/oversight/trail/view.ts'
import { searchTrailAction } from './actions.ts'

type Option = { value: string; label: string }
type Props = { initial: TrailFormView; options: TrailFormOptions }

const grid = 'grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-4'
const further = [
  'role', 'action', 'outcome', 'view', 'field', 'purpose', 'address', 'session', 'request', 'emergency', 'unexplained',
] as const // prettier-ignore

/** Who, when and whose: everything that a question to the trail needs, in one form. */
export function TrailForm({ initial, options }: Props) {
  const [state, submit] = useActionState(searchTrailAction, null)
  const form = state?.form ?? initial
  const error = (field: string): string | undefined =>
    state?.problems.find((problem) => problem.field === field)?.message
  const text = (
    name: keyof TrailFormView,
    label: string,
    more: { optional?: boolean; type?: string } = {},
  ) => (
    <TextInput
      name={name}
      label={label}
      defaultValue={form[name]}
      error={error(name)}
      autoComplete="off"
      spellCheck={false}
      {...more}
    />
  )
  const choice = (name: keyof TrailFormView, label: string, emptyLabel: string, choices: Option[]) => (
    <Select
      name={name}
      label={label}
      emptyLabel={emptyLabel}
      options={withExcluded(choices, form[name])}
      defaultValue={form[name]}
    />
  )
  return (
    <form
      action={submit}
      key={JSON.stringify(form)}
      aria-label="Search the audit trail"
      data-card
      className="space-y-4 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <div className={grid}>
        {text('familyName', 'Patient’s family name')}
        {text('givenName', 'Given name')}
        {text('birthDate', 'Birth date', { optional: true, type: 'date' })}
        {text('mrn', 'or MRN', { optional: true })}
        {choice('period', 'Period', 'From and to, as below', options.periods)}
        {text('from', 'From', { type: 'datetime-local' })}
        {text('to', 'To', { type: 'datetime-local' })}
        <Select name="zone" label="Time zone" options={options.zones} defaultValue={form.zone} />
        {choice('actor', 'Person', 'Anyone', options.actors)}
      </div>
      <Details summary="More criteria" open={further.some((name) => form[name] !== '')}>
        <div className={grid}>
          {choice('role', 'Role', 'Any', options.roles)}
          {choice('action', 'Action', 'Any', options.actions)}
          {choice('outcome', 'Outcome', 'Any', options.outcomes)}
          {choice('view', 'Part', 'Any', options.views)}
          {choice('purpose', 'Purpose', 'Any', options.purposes)}
          {text('field', 'Field', { optional: true })}
          {text('address', 'Network address', { optional: true })}
          {text('session', 'Session', { optional: true })}
          {text('request', 'Request', { optional: true })}
        </div>
        <div>
          <Choice
            type="checkbox"
            id="emergency"
            name="emergency"
            value="yes"
            label="Emergency access only"
            defaultChecked={form.emergency === 'yes'}
          />
          <Choice
            type="checkbox"
            id="unexplained"
            name="unexplained"
            value="yes"
            label="Unexplained only: no documented care stands behind it"
            defaultChecked={form.unexplained === 'yes'}
          />
        </div>
      </Details>
      <SubmitButton pendingText="Searching…">Search</SubmitButton>
    </form>
  )
}

/** A choice that a typed query excluded stands in the list as what it is, so that sending the form asks the same again. */
function withExcluded(options: Option[], value: string): Option[] {
  if (!value.startsWith('-')) return options
  const excluded = options.find((option) => option.value === value.slice(1))
  return [...options, { value, label: `All but: ${excluded?.label ?? value.slice(1)}` }]
}
