'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Fieldset } from '#components/ui/fieldset.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { fieldsOf, type KeyKindView } from '#lib/accounts/keys/view.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { saveSchedule } from './actions.ts'

type Props = {
  kinds: readonly Pick<KeyKindView, 'kind' | 'name' | 'daysMax' | 'daysLimit' | 'reminderDays'>[]
  /** true when the last one-time code is too old for this change */
  asks: AskedFactors
}

/** Days per kind of key: the greatest age, and the reminder before it. */
export function ScheduleForm({ kinds, asks }: Props) {
  const [state, action] = useActionState(saveSchedule, { errors: [], asks, values: {} })
  const number = {
    inputMode: 'numeric',
    autoComplete: 'off',
    maxLength: 5,
    width: 'short',
    unit: 'days',
  } as const
  return (
    <form
      action={action}
      key={JSON.stringify(state.values)}
      aria-label="Schedule"
      data-card
      noValidate
      className="space-y-6 rounded-xl border border-line bg-card p-(--gap) print:hidden"
    >
      <ErrorSummary errors={state.errors} />
      <div className="xl:grid-cols-3 grid gap-x-8 gap-y-6 md:grid-cols-2">
        {kinds.map(({ kind, name, daysMax, daysLimit, reminderDays }) => {
          const { days, reminder } = fieldsOf(kind)
          return (
            <Fieldset key={kind} id={`schedule-${kind}`} legend={name}>
              <div className="grid grid-cols-2 items-end gap-4">
                <TextInput
                  {...number}
                  name={days}
                  label="Greatest age"
                  hint={`At most ${daysLimit}`}
                  defaultValue={state.values[days] ?? daysMax}
                  error={errorFor(state.errors, days)}
                />
                <TextInput
                  {...number}
                  name={reminder}
                  label="Remind before"
                  hint="From 1 to 90"
                  defaultValue={state.values[reminder] ?? reminderDays}
                  error={errorFor(state.errors, reminder)}
                />
              </div>
            </Fieldset>
          )
        })}
      </div>
      {state.asks && (
        <SecondFactorField
          name="schedule-code"
          asks={state.asks}
          why="We ask again, because this changes how keys are looked after."
          error={errorFor(state.errors, 'schedule-code')}
        />
      )}
      <SubmitButton pendingText="Saving…">Save schedule</SubmitButton>
    </form>
  )
}
