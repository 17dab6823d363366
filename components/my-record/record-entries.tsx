import type { ReactNode } from 'react'

export type RecordEntry = {
  id: string
  name: string
  /** What belongs to the name: a tag. */
  tag?: ReactNode
  /** Lines under it; empty ones are left out. */
  lines: readonly (string | null | false)[]
}

/** Facts of a record as a plain list: a name and what is known about it. */
export function RecordEntries({ entries }: { entries: readonly RecordEntry[] }) {
  return (
    <ul className="divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.id} className="py-3 first:pt-0 last:pb-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-semibold">{entry.name}</span>
            {entry.tag}
          </div>
          {entry.lines.map(
            (line) =>
              line && (
                <p key={line} className="whitespace-pre-line text-muted">
                  {line}
                </p>
              ),
          )}
        </li>
      ))}
    </ul>
  )
}

/** Entries that are over, out of the way until somebody asks. */
export function PastEntries({ summary, entries }: { summary: string; entries: readonly RecordEntry[] }) {
  if (entries.length === 0) return null
  return (
    <details className="mt-4 border-t border-line pt-1">
      <summary className="min-h-11 py-2 font-semibold text-link">
        {summary} ({entries.length})
      </summary>
      <div className="pt-2">
        <RecordEntries entries={entries} />
      </div>
    </details>
  )
}
