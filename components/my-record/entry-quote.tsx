import { formatDateTimeForPatient } from '#lib/format.ts'
import type { ConcernEntryRow } from '#lib/records/shared/view.ts'

/** An entry of the list of who looked, as whoever reports it saw it. */
export function EntryQuote({ entry }: { entry: ConcernEntryRow }) {
  return (
    <blockquote className="border-l-4 border-line-strong pl-4">
      <p className="font-semibold">
        {entry.name}
        {entry.role && <span className="font-normal text-muted"> · {entry.role}</span>}
      </p>
      <p>{entry.what}.</p>
      <p className="text-sm text-muted">{entry.why}</p>
      <p className="text-sm text-muted">{formatDateTimeForPatient(entry.at)}</p>
    </blockquote>
  )
}
