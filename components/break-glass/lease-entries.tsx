import { formatDateTimeForStaff } from '#lib/format.ts'

type Entry = {
  id: string
  title: string
  by: string
  at: string
  text: string
  facts?: readonly { label: string; value: string }[]
}

/** What was said, in order: who, when, and the words as they were written. */
export function LeaseEntries({ entries }: { entries: readonly Entry[] }) {
  return (
    <ol data-card className="divide-y divide-line rounded-xl border border-line bg-card">
      {entries.map((entry) => (
        <li key={entry.id} className="space-y-2 px-4 py-4 sm:px-5">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <h3>
              {entry.title} <span className="font-normal text-muted">· {entry.by}</span>
            </h3>
            <time dateTime={entry.at} className="text-sm text-muted tabular">
              {formatDateTimeForStaff(entry.at)}
            </time>
          </div>
          {entry.facts && entry.facts.length > 0 && (
            <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
              {entry.facts.map(({ label, value }) => (
                <div key={label}>
                  <dt className="text-muted">{label}</dt>
                  <dd className="font-semibold">{value}</dd>
                </div>
              ))}
            </dl>
          )}
          {entry.text !== '' && <p className="max-w-[66ch] whitespace-pre-line">{entry.text}</p>}
        </li>
      ))}
    </ol>
  )
}
