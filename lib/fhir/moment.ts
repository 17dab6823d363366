import { readPartialDate, startOf } from './partial-date.ts'
import { quantityText, rangeText } from './quantity.ts'
import type { Period, Quantity, Range } from './schema/datatypes.ts'

/** FHIR's `onset[x]`, `abatement[x]` and `performed[x]`: an instant, a span, an age or words. */
export type Moment = {
  dateTime?: string | undefined
  period?: Period | undefined
  age?: Quantity | undefined
  range?: Range | undefined
  words?: string | undefined
}

/** The first instant of it, when it is a date or a span. */
export function momentStart(moment: Moment): Date | null {
  return startOf(moment.dateTime ?? moment.period?.start)
}

/** The last instant that was given of a span. */
export function momentEnd(moment: Moment): Date | null {
  return startOf(moment.period?.end)
}

/** What an instant would not say: words, an age, a range, a year or a month. Null when the instant says all. */
export function momentText(moment: Moment): string | null {
  const words = moment.words?.trim()
  if (words) return words
  const age = quantityText(moment.age) ?? rangeText(moment.range)
  if (age) return `age ${age}`
  const date = moment.dateTime ?? moment.period?.start
  const precision = date ? readPartialDate(date)?.precision : undefined
  return date && (precision === 'year' || precision === 'month') ? date : null
}
