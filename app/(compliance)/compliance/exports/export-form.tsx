'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Choice } from '#components/ui/choice.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import type { ExportFormView } from '#lib/oversight/export/view.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { requestExportAction } from './actions.ts'

type Props = {
  initial: ExportFormView
  /** what the kept search asks for, in words; null for a period alone */
  criteria: readonly string[] | null
  asks: AskedFactors
  reasonMax: number
}

const formats = [
  {
    value: 'csv',
    label: 'CSV, for a spreadsheet',
    hint: 'One line for each entry, with names of staff. No cell is taken for a formula.',
  },
  { value: 'pdf', label: 'PDF, for reading and printing', hint: 'Up to 5,000 entries.' },
  {
    value: 'evidence',
    label: 'Evidence, for an outsider',
    hint: 'Every entry with its proof, checked by the public verifier. Up to 100,000 entries.',
  },
  {
    value: 'ndjson',
    label: 'NDJSON, for machines',
    hint: 'One entry a line, in the very spelling that was sealed.',
  },
  {
    value: 'fhir',
    label: 'FHIR R4, for other systems',
    hint: 'A Bundle of AuditEvents in IHE’s Basic Audit Log Patterns.',
  },
] as const

/** What to export, as what, and why. */
export function ExportForm({ initial, criteria, asks, reasonMax }: Props) {
  const [state, submit] = useActionState(requestExportAction, { errors: [], asks, form: null })
  const form = state.form ?? initial
  const { errors } = state
  return (
    <form
      action={submit}
      key={JSON.stringify(state.form)}
      aria-label="New export"
      data-card
      noValidate
      className="space-y-6 rounded-xl border border-line bg-card p-(--gap) print:hidden"
    >
      <input type="hidden" name="search" value={initial.search} />
      <ErrorSummary errors={errors} />
      {criteria === null ? (
        <div className="grid gap-x-6 gap-y-4 xs:grid-cols-2 md:max-w-120">
          <TextInput
            name="from"
            type="date"
            label="First day"
            defaultValue={form.from}
            error={errorFor(errors, 'from')}
          />
          <TextInput
            name="to"
            type="date"
            label="Last day"
            defaultValue={form.to}
            error={errorFor(errors, 'to')}
          />
        </div>
      ) : (
        <div>
          <p className="font-semibold">The entries of your search</p>
          <ul className="mt-1 list-disc space-y-0.5 pl-5 wrap-anywhere">
            {criteria.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      <RadioGroup name="format" legend="Format" framed defaultValue={form.format} options={formats} />
      <Choice
        type="checkbox"
        id="byteOrderMark"
        name="byteOrderMark"
        value="yes"
        label="Begin the CSV with a byte order mark"
        hint="For Excel, which shows accented letters wrongly without it."
        defaultChecked={form.byteOrderMark}
      />
      <TextArea
        name="reason"
        label="What is it for?"
        hint="Kept encrypted with the export. Do not name patients."
        rows={3}
        limit={reasonMax}
        defaultValue={form.reason}
        error={errorFor(errors, 'reason')}
      />
      {state.asks && (
        <SecondFactorField name="export-code" asks={state.asks} error={errorFor(errors, 'export-code')} />
      )}
      <SubmitButton pendingText="Asking…">Ask for the export</SubmitButton>
    </form>
  )
}
