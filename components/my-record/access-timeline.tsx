import { AppLink } from '#components/ui/app-link.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { Timeline } from '#components/ui/timeline.tsx'
import { formatDayHeading, formatTimeForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { AccessDayView, AccessView } from '#lib/records/my-record/view.ts'

/** Who opened the record, day by day. @param now ISO instant, for "Today" */
export function AccessTimeline({ days, now }: { days: readonly AccessDayView[]; now: string }) {
  return (
    <Timeline
      days={days.map(({ day, accesses }) => ({
        id: day,
        heading: formatDayHeading(day, now),
        entries: accesses.map((access) => ({
          id: access.id,
          name: access.name,
          role: access.role ?? undefined,
          what: `${access.what}.`,
          detail: <Detail access={access} />,
          time: formatTimeForPatient(access.times[0] ?? day),
          dateTime: access.times[0] ?? day,
          tag: <Marks access={access} />,
          action: (
            <AppLink href={paths.access(access.id)} className="inline-flex min-h-6 items-center print:hidden">
              {access.kind === 'staff' ? 'I don’t recognize this' : 'Proof'}
              <span className="sr-only">
                : {access.name}, {formatTimeForPatient(access.times[0] ?? day)}
              </span>
            </AppLink>
          ),
        })),
      }))}
    />
  )
}

function Marks({ access: { refused, emergency, times } }: { access: AccessView }) {
  return (
    <>
      {emergency && <Tag tone="emergency">Emergency access</Tag>}
      {refused && <Tag tone="warn">Refused</Tag>}
      {times.length > 1 && <Tag tone="neutral">{times.length.toLocaleString('en-US')} times</Tag>}
    </>
  )
}

/** Why; and for those who want to know it exactly, every time and the names of the fields. */
function Detail({ access: { name, why, times, details } }: { access: AccessView }) {
  const first = times[0]
  return (
    <>
      <p>{why}</p>
      {(details.length > 0 || times.length > 1) && (
        <details className="[&:not([open])]:print:hidden">
          <summary className="min-h-6 w-fit py-1 text-link">
            Details
            <span className="sr-only">
              {' '}
              of what {name} did{first && ` at ${formatTimeForPatient(first)}`}
            </span>
          </summary>
          <div className="space-y-2 pb-1">
            {times.length > 1 && <p>Times: {times.map((time) => formatTimeForPatient(time)).join(', ')}</p>}
            {details.length > 0 && (
              <dl className="space-y-1">
                {details.map(({ about, fields }) => (
                  <div key={about}>
                    <dt className="inline font-semibold">{about}: </dt>
                    <dd className="inline">{fields.join(', ')}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        </details>
      )}
    </>
  )
}
