import type { ReactNode } from 'react'
import { Avatar } from './avatar.tsx'

export type TimelineEntry = {
  id: string
  /** Who did it; heading of the entry. */
  name: string
  /** After the name, quieter: the person's job. */
  role?: string | undefined
  /** What was done, in a sentence. */
  what: ReactNode
  /** Why, or any further line. */
  detail?: ReactNode
  /** Time of day as it is written on the page. */
  time: string
  /** The same instant in ISO 8601, for machines. */
  dateTime: string
  tag?: ReactNode
  /** A link or button; its name must tell the entries apart. */
  action?: ReactNode
}

export type TimelineDay = { id: string; heading: string; entries: readonly TimelineEntry[] }

/** What happened, day by day, newest first. */
export function Timeline({ days }: { days: readonly TimelineDay[] }) {
  return (
    <div className="space-y-8">
      {days.map((day) => (
        <section key={day.id} aria-labelledby={`day-${day.id}`}>
          <h2 id={`day-${day.id}`} className="mb-3">
            {day.heading}
          </h2>
          <ol data-card className="divide-y divide-line rounded-xl border border-line bg-card">
            {day.entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

function Entry({ entry }: { entry: TimelineEntry }) {
  return (
    <li className="flex items-start gap-3.5 px-4 py-4 sm:px-5">
      <Avatar name={entry.name} />
      <div className="flex min-w-0 flex-1 flex-col gap-x-6 gap-y-1 sm:flex-row sm:justify-between">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h3>
              {entry.name}
              {entry.role && <span className="font-normal text-muted"> · {entry.role}</span>}
            </h3>
            {entry.tag}
          </div>
          <p>{entry.what}</p>
          {entry.detail && <div className="text-sm text-muted">{entry.detail}</div>}
        </div>
        <div className="flex shrink-0 items-baseline justify-between gap-x-4 text-sm sm:flex-col sm:items-end">
          <time dateTime={entry.dateTime} className="tabular">
            {entry.time}
          </time>
          {entry.action}
        </div>
      </div>
    </li>
  )
}
