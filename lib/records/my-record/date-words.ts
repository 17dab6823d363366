import 'server-only'

import { formatDateForPatient, formatMonthYear } from '#lib/format.ts'

/**
 * A date that may be a year, a month or a day (FHIR R4 §2.24.0.1), in words and no more exact than it is known: a
 * problem that began in 2019 must not read "January 1, 2019".
 * @param text as the source wrote it, such as "2019-03" or "age 42 years"; it knows the precision and comes first
 */
export function dateInWords(text: string | null, at: Date | null): string | null {
  const known = text?.trim()
  if (known) {
    if (/^\d{4}-\d{2}$/.test(known)) return formatMonthYear(`${known}-01`)
    return /^\d{4}-\d{2}-\d{2}/.test(known) ? formatDateForPatient(known.slice(0, 10)) : known
  }
  return at ? formatDateForPatient(at.toISOString()) : null
}
