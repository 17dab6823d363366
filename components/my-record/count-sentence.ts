import { plural } from '#lib/format.ts'
import type { AccessCountView } from '#lib/records/my-record/view.ts'

const periods = {
  '7-days': ' in the last 7 days',
  '30-days': ' in the last 30 days',
  '12-months': ' in the last 12 months',
  all: ' since it was made',
} as const

/** "3 people opened your record in the last 7 days. 1 attempt was refused." */
export function countSentence(count: AccessCountView, period: keyof typeof periods, isOwn: boolean): string {
  const who =
    count.people === 0
      ? 'Nobody'
      : `${count.atLeast ? 'At least ' : ''}${plural(count.people, 'person', 'people')}`
  const opened = `${who} opened ${isOwn ? 'your' : 'the'} record${periods[period]}.`
  return [opened, emergencies(count.emergencies), refusals(count.refused)].filter(Boolean).join(' ')
}

function emergencies(count: number): string | null {
  if (count === 0) return null
  return `It was opened ${count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`} under emergency access.`
}

function refusals(count: number): string | null {
  return count === 0 ? null : `${plural(count, 'attempt was', 'attempts were')} refused.`
}
