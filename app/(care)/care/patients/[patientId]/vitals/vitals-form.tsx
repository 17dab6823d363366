'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { LookAgain } from '../../../../look-again.tsx'
import type { VitalsState } from './actions.ts'

type Props = {
  action: (state: VitalsState, data: FormData) => Promise<VitalsState>
  /** Makes a repeated form one form. */
  formKey: string
  /** Now, on the clinic's clock. */
  day: string
  time: string
}

const numbers = { inputMode: 'decimal', autoComplete: 'off', width: 'full' } as const

/** One field per value, its unit in the label. Everything that was not taken stays empty. */
export function VitalsForm({ action, formKey, day, time }: Props) {
  const [state, submit] = useActionState(action, null)
  const value = (name: string, initial = '') => state?.values[name] ?? initial
  const problems = state?.problems
  const doubts = state?.doubts ?? []
  const field = (name: string, initial?: string) => ({
    name,
    defaultValue: value(name, initial),
    error: errorFor(problems, name),
  })
  return (
    <form action={submit} key={JSON.stringify(state?.values)} className="space-y-4" noValidate>
      {problems && problems.length > 0 && <ErrorSummary errors={problems} />}
      <input type="hidden" name="key" value={formKey} />
      <div className="grid grid-cols-2 items-end gap-x-4 gap-y-4 sm:grid-cols-3 md:grid-cols-5">
        <TextInput {...field('takenDay', day)} label="Day" type="date" />
        <TextInput {...field('takenTime', time)} label="Time" type="time" />
        <TextInput {...field('systolic')} {...numbers} label="Systolic, mmHg" />
        <TextInput {...field('diastolic')} {...numbers} label="Diastolic, mmHg" />
        <TextInput {...field('pulse')} {...numbers} label="Pulse, per minute" />
        <TextInput {...field('oxygen')} {...numbers} label="Oxygen, %" />
        <TextInput {...field('respiration')} {...numbers} label="Breaths, per minute" />
        <div className="grid grid-cols-[minmax(0,1fr)_5rem] items-end gap-x-2 max-sm:col-span-2">
          <TextInput {...field('temperature')} {...numbers} label="Temperature" />
          <Select
            {...field('temperatureUnit', 'Cel')}
            label="Unit"
            aria-label="Unit of the temperature"
            options={[
              { value: 'Cel', label: '°C' },
              { value: '[degF]', label: '°F' },
            ]}
          />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)_5rem] items-end gap-x-2 max-sm:col-span-2">
          <TextInput {...field('weight')} {...numbers} label="Weight" />
          <Select
            {...field('weightUnit', 'kg')}
            label="Unit"
            aria-label="Unit of the weight"
            options={[
              { value: 'kg', label: 'kg' },
              { value: '[lb_av]', label: 'lb' },
            ]}
          />
        </div>
      </div>
      {doubts.length > 0 && <Doubts doubts={doubts} />}
      <SubmitButton pendingText="Saving…">Save vitals</SubmitButton>
    </form>
  )
}

/** Asks once about unlikely values. */
function Doubts({ doubts }: { doubts: { field: string; message: string }[] }) {
  return (
    <LookAgain label="Please look again" about={doubts}>
      <Notice tone="warn" title="Please look again before this is saved">
        <ul className="list-disc space-y-0.5 pl-5">
          {doubts.map(({ field, message }) => (
            <li key={field + message}>
              {message}
              <input type="hidden" name="doubt" value={message} />
            </li>
          ))}
        </ul>
        <Choice type="checkbox" id="confirmed" name="confirmed" value="yes" label="The values are right" />
      </Notice>
    </LookAgain>
  )
}
