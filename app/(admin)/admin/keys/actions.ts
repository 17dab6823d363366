'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { readKeyPolicy } from '#lib/accounts/keys/input.ts'
import { listKeys } from '#lib/accounts/keys/list-keys.ts'
import { setKeyPolicy } from '#lib/accounts/keys/set-key-policy.ts'
import { fieldsOf } from '#lib/accounts/keys/view.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp, type StepUpOutcome } from '#lib/auth/step-up.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ScheduleState = { errors: FieldError[]; asksForCode: boolean; values: Record<string, string> }

/** Saves how old each kind of key may become, after a fresh one-time code. */
export async function saveSchedule(before: ScheduleState, form: FormData): Promise<ScheduleState> {
  const actor = await requireActor('admin')
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.slice(0, 64) : ''
  }
  const { kinds } = await listKeys()
  const names = kinds.flatMap(({ kind }) => Object.values(fieldsOf(kind)))
  const values = Object.fromEntries(names.map((name) => [name, text(name)]))
  const read = readKeyPolicy(values, kinds)
  if (read.kind === 'problems') return { errors: read.problems, asksForCode: before.asksForCode, values }
  const raised = await stepUp(actor, text('schedule-code'))
  if (raised.kind !== 'fresh') return refused(raised, values)
  const beyond = await setKeyPolicy(actor, read.input)
  if (beyond.length > 0)
    return {
      errors: [
        { field: '', message: 'Nothing beyond what Vigil allows can be saved: look at the days again.' },
      ],
      asksForCode: false,
      values,
    }
  redirect(withQuery(paths.adminKeys, { done: 'schedule' }))
}

function refused(
  outcome: Exclude<StepUpOutcome, { kind: 'fresh' }>,
  values: Record<string, string>,
): ScheduleState {
  const message =
    outcome.kind === 'code-needed'
      ? 'Enter a one-time code from your app'
      : outcome.kind === 'wait'
        ? waitText(outcome.seconds)
        : codeText(outcome.kind, 'totp')
  return { errors: [{ field: 'schedule-code', message }], asksForCode: true, values }
}
