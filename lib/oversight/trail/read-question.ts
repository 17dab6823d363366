import 'server-only'

import { z } from 'zod'
import { formatAuditTimestamp } from '#lib/format.ts'
import { trailZones } from './input.ts'
import { localInstants } from './local-instants.ts'
import type { QuestionFormView, TrailProblem } from './view.ts'

/** What somebody typed: more than a name can have is cut, a file is nothing. */
const text = z
  .string()
  .catch('')
  .transform((typed) => typed.slice(0, 200).trim())
const shape = z.object({
  familyName: text,
  givenName: text,
  mrn: text,
  date: text,
  time: text,
  zone: z.enum(trailZones).catch(trailZones[0]),
})

/** A watch is seldom right to the minute: a question for 2:14 takes in five minutes before and after. */
const minutesAround = 5

/**
 * Reads the one question of the overview, "who opened this record then", as criteria of the search form: with a time the
 * minutes around it, without one the whole day. A time that the clocks skipped is refused; one that came twice is
 * searched in both its instants.
 * @returns the question as typed, and the fields for parseTrailForm, or what to correct
 */
export function readQuestion(raw: Record<string, unknown>): {
  question: QuestionFormView
  form: Record<string, string> | null
  problems: TrailProblem[]
} {
  const question = shape.parse(raw)
  const { date, time, zone } = question
  const problems: TrailProblem[] = []
  if (question.mrn === '' && (question.familyName === '' || question.givenName === ''))
    problems.push({
      field: question.familyName === '' ? 'familyName' : 'givenName',
      message: 'Enter the patient’s family name and given name, or the MRN',
    })
  const day = localInstants(`${date}T12:00`, zone)
  if (day === null) problems.push({ field: 'date', message: 'Enter the day as a date' })
  const instants = day === null || time === '' ? [] : localInstants(`${date}T${time}`, zone)
  if (instants === null)
    problems.push({ field: 'time', message: 'Enter a time such as 02:14, or leave it empty' })
  else if (time !== '' && day !== null && instants.length === 0)
    problems.push({
      field: 'time',
      message:
        'This time does not exist on that day: the clocks went forward over it. Enter another time, or leave it empty for the whole day',
    })
  const [first] = instants ?? []
  const last = instants?.at(-1)
  if (problems.length > 0) return { question, form: null, problems }
  const local = (instant: number): string =>
    formatAuditTimestamp(new Date(instant).toISOString(), zone).slice(0, 16)
  const { familyName, givenName, mrn } = question
  return {
    question,
    form: {
      ...(mrn === '' ? { familyName, givenName } : { mrn }),
      zone,
      from: first === undefined ? `${date}T00:00` : local(first - minutesAround * 60_000),
      to: last === undefined ? `${date}T23:59` : local(last + minutesAround * 60_000),
    },
    problems,
  }
}
