import type { ResultView } from '#lib/records/my-record/view.ts'

type Status = ResultView['status']

const words: Partial<Record<Status, string>> = {
  preliminary: 'Early result',
  corrected: 'Corrected',
  amended: 'Changed',
  cancelled: 'Cancelled',
  'entered-in-error': 'Taken back',
}

const phrases: Record<Status, string> = {
  preliminary: 'Early result, may still change',
  final: 'Final result',
  corrected: 'Corrected result',
  amended: 'Changed result',
  cancelled: 'Test was cancelled',
  'entered-in-error': 'Taken back by the lab',
  registered: 'Not ready yet',
  unknown: 'Status not given',
}

/** One word for a result that is not simply final; null for one that is. */
export function statusWord(status: Status): string | null {
  return words[status] ?? null
}

/** The status of a result for the line under its name. */
export function statusPhrase(status: Status): string {
  return phrases[status]
}
