'use client'

import { useActionState } from 'react'
import { Details } from '#components/ui/details.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { TrailFormView } from '#lib/oversight/trail/view.ts'
import { searchTrailAction } from './actions.ts'

type Option = { value: string; label: string }
type Props = {
  initial: TrailFormView
  options: { zones: Option[]; actors: Option[]; actions: Option[]; outcomes: Option[]; views: Option[] }
}

/** Who, when and whose: everything that a question to the trail needs, in one form. */
export function TrailForm({ initial, options }: Props) {
  const [state, submit] = useActionState(searchTrailAction, null)
  const form = state?.form ?? initial
  const error = (field: string): string | undefined =>
    state?.problems.find((problem) => problem.field === field)?.message
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
      <div className="grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-4">
        <TextInput
          name="familyName"
          label="Patient's family name"
          defaultValue={form.familyName}
          error={error('familyName')}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          name="givenName"
          label="Given name"
          error={error('givenName')}
          defaultValue={form.givenName}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          name="birthDate"
          label="Birth date"
          optional
          type="date"
          defaultValue={form.birthDate}
          error={error('birthDate')}
        />
        <TextInput
          name="mrn"
          label="or record number (MRN)"
          optional
          defaultValue={form.mrn}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          name="from"
          label="From"
          type="datetime-local"
          defaultValue={form.from}
          error={error('from')}
        />
        <TextInput name="to" label="To" type="datetime-local" defaultValue={form.to} error={error('to')} />
        <Select name="zone" label="Time zone" options={options.zones} defaultValue={form.zone} />
        <Select
          name="actor"
          label="Person"
          emptyLabel="Anyone"
          options={options.actors}
          defaultValue={form.actor}
        />
      </div>
      <Details
        summary="More criteria"
        open={Boolean(form.action || form.outcome || form.view || form.field || form.address)}
      >
        <div className="grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-4">
          <Select
            name="action"
            label="Action"
            emptyLabel="Any"
            options={options.actions}
            defaultValue={form.action}
          />
          <Select
            name="outcome"
            label="Outcome"
            emptyLabel="Any"
            options={options.outcomes}
            defaultValue={form.outcome}
          />
          <Select
            name="view"
            label="Part"
            emptyLabel="Any"
            options={options.views}
            defaultValue={form.view}
          />
          <TextInput name="field" label="Field" optional defaultValue={form.field} autoComplete="off" />
          <TextInput
            name="address"
            label="Network address"
            optional
            defaultValue={form.address}
            error={error('address')}
            autoComplete="off"
          />
        </div>
      </Details>
      <SubmitButton pendingText="Searching…">Search</SubmitButton>
    </form>
  )
}
