import { notFound, redirect } from 'next/navigation'
import { paths } from '#lib/paths.ts'
import { wordFor } from '../word-for.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An id out of an address; anything else can name nothing and answers 404, as an unknown id does. */
export function idOr404(text: string): string {
  if (!uuid.test(text)) notFound()
  return text.toLowerCase()
}

/**
 * What the door gave out; refused and not there are one answer, so that nobody learns whom the clinic treats. That a record was
 * destroyed the door tells those alone who are in care of the patient; they are sent to the page that says so.
 */
export function openedOr404<T>(
  outcome: { kind: 'granted'; value: T } | { kind: 'denied'; patientId?: string },
): NonNullable<T> {
  if (outcome.kind === 'denied' && outcome.patientId !== undefined)
    redirect(paths.recordDestroyed(outcome.patientId))
  if (outcome.kind === 'denied' || outcome.value === null || outcome.value === undefined) notFound()
  return outcome.value
}

/** What a page says after something was done, by the word in its address; words of our own, never of a record. */
const doneTexts = {
  registered: 'The patient is registered.',
  'already-registered': 'The patient was registered already; nothing was written twice.',
  vitals: 'The vital signs are saved.',
  'vital-withdrawn': 'The value is marked as entered in error and no longer counts. It stays in the history.',
  reviewed: 'The result is marked as reviewed.',
  'already-reviewed': 'The result was reviewed already; nothing was changed.',
  signed: 'The note is signed.',
  discarded: 'The draft is thrown away.',
  'carer-added': 'They can open this record now, for the period you set.',
  'carer-ended': 'The care relationship has ended. Their access ended with it.',
} as const

export function doneText(done: string | string[] | undefined): string | undefined {
  return wordFor(done, doneTexts)
}
