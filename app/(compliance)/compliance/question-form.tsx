'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { QuestionFormView } from '#lib/oversight/trail/view.ts'
import { askTrailAction } from './actions.ts'

type Props = { initial: QuestionFormView; zones: { value: string; label: string }[] }

/** "Who opened this record, and when": a patient, a day, perhaps a time, in a zone that is said. */
export function QuestionForm({ initial, zones }: Props) {
  const [state, submit] = useActionState(askTrailAction, null)
  const question = state?.question ?? initial
  const error = (field: string): string | undefined =>
    state?.problems.find((problem) => problem.field === field)?.message
  return (
    <form
      action={submit}
      key={JSON.stringify(question)}
      aria-label="Who opened a record"
      data-card
      className="space-y-4 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      <h2>Who opened a record?</h2>
      {state && state.problems.length > 0 && <ErrorSummary errors={state.problems} />}
      <div className="grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-3">
        <TextInput
          name="familyName"
          label="Patient’s family name"
          defaultValue={question.familyName}
          error={error('familyName')}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          name="givenName"
          label="Given name"
          defaultValue={question.givenName}
          error={error('givenName')}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          name="mrn"
          label="or MRN"
          optional
          defaultValue={question.mrn}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput name="date" label="Day" type="date" defaultValue={question.date} error={error('date')} />
        <TextInput
          name="time"
          label="Time, within 5 minutes"
          optional
          type="time"
          defaultValue={question.time}
          error={error('time')}
        />
        <Select name="zone" label="Time zone" options={zones} defaultValue={question.zone} />
      </div>
      <SubmitButton pendingText="Searching…">Search</SubmitButton>
    </form>
  )
}
