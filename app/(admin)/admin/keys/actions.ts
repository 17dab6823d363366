'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { readKeyPolicy } from '#lib/accounts/keys/input.ts'
import { listKeys } from '#lib/accounts/keys/list-keys.ts'
import { setKeyPolicy } from '#lib/accounts/keys/set-key-policy.ts'
import { fieldsOf } from '#lib/accounts/keys/view.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ScheduleState = { errors: FieldError[]; asks: AskedFactors; values: Record<string, string> }

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
  if (read.kind === 'problems') return { errors: read.problems, asks: before.asks, values }
  const raised = await stepUp(actor, form, 'schedule-code')
  if (raised.kind === 'refused')
    return { errors: [{ field: 'schedule-code', message: raised.message }], asks: raised.asks, values }
  const beyond = await setKeyPolicy(raised.actor, read.input)
  if (beyond.length > 0)
    return {
      errors: [
        { field: '', message: 'Nothing beyond what Vigil allows can be saved: look at the days again.' },
      ],
      asks: false,
      values,
    }
  redirect(withQuery(paths.adminKeys, { done: 'schedule' }))
}
