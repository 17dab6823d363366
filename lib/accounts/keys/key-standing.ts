import 'server-only'

import type { KeyStanding } from './view.ts'

const dayMilliseconds = 24 * 3600 * 1000

/** How old a kind of key may become, and how many days before that people are reminded. */
export type KeySchedule = { readonly daysMax: number; readonly reminderDays: number }

export type KeyAge = { readonly ageDays: number; readonly dueAt: Date; readonly standing: KeyStanding }

/** Whether a key that was made then is due or overdue now. Ages are whole days; on the last one it is not overdue yet. */
export function keyAge(madeAt: Date, now: Date, { daysMax, reminderDays }: KeySchedule): KeyAge {
  const ageDays = Math.max(0, Math.floor((now.getTime() - madeAt.getTime()) / dayMilliseconds))
  const dueAt = new Date(madeAt.getTime() + daysMax * dayMilliseconds)
  const standing = ageDays > daysMax ? 'overdue' : ageDays >= daysMax - reminderDays ? 'due' : 'ok'
  return { ageDays, dueAt, standing }
}

/** Before this time a key must not have been made, or it is overdue. */
export function oldestAllowed(now: Date, { daysMax }: KeySchedule): Date {
  return new Date(now.getTime() - (daysMax + 1) * dayMilliseconds)
}
