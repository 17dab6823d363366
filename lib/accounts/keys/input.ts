import { z } from 'zod'
import { fieldsOf, type KeyKind, type KeyKindView } from './view.ts'

/** The schedule as the form sends it: whole days per kind. */
export type KeyPolicyInput = readonly {
  readonly kind: KeyKind
  readonly days: number
  readonly reminderDays: number
}[]

export type KeyPolicyProblem = { field: string; message: string }

const wholeNumber = z
  .string()
  .trim()
  .regex(/^[0-9]{1,5}$/)
  .transform(Number)

/** Reads the form against the bounds in force; the database holds them again. */
export function readKeyPolicy(
  sent: Readonly<Record<string, unknown>>,
  kinds: readonly Pick<KeyKindView, 'kind' | 'name' | 'daysLimit'>[],
): { kind: 'problems'; problems: KeyPolicyProblem[] } | { kind: 'input'; input: KeyPolicyInput } {
  const problems: KeyPolicyProblem[] = []
  const input = kinds.map(({ kind, name, daysLimit }) => {
    const fields = fieldsOf(kind)
    const days = wholeNumber.safeParse(sent[fields.days])
    const reminder = wholeNumber.safeParse(sent[fields.reminder])
    const isInBounds = days.success && days.data >= 1 && days.data <= daysLimit
    if (!isInBounds)
      problems.push({
        field: fields.days,
        message: `${name}: enter a whole number of days from 1 to ${daysLimit}`,
      })
    const reminderMax = Math.min(90, isInBounds ? days.data : 90)
    if (!reminder.success || reminder.data < 1 || reminder.data > reminderMax)
      problems.push({
        field: fields.reminder,
        message: `${name}: enter how many days before that to remind, from 1 to ${reminderMax}`,
      })
    return { kind, days: days.data ?? 0, reminderDays: reminder.data ?? 0 }
  })
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'input', input }
}
