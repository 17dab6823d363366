import { ActivityChart } from '#components/audit/activity-chart.tsx'
import { TrailTable } from '#components/audit/trail-table.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { clinic } from '#lib/clinic.ts'
import { formatMonthYear, plural } from '#lib/format.ts'
import type { TimelineView } from '#lib/oversight/trail/view.ts'

type Props = {
  timeline: TimelineView
  /** The same page for another month, or from a cursor on. */
  href: (changes: { month: string; after?: string }) => string
  empty: string
}

/** A month of a patient's record or of a person: over time, then entry by entry, with the way to the months beside it. */
export function Timeline({ timeline, href, empty }: Props) {
  const { page, month } = timeline
  const zone = clinic.timeZone
  const name = formatMonthYear(`${month}-15T12:00:00Z`, zone)
  const count = page.isMany
    ? `More than ${page.count.toLocaleString('en-US')} entries`
    : plural(page.count, 'entry', 'entries')
  return (
    <>
      <nav aria-label="Months" className="flex flex-wrap gap-3 print:hidden">
        {[-1, 1].map((step) => (
          <LinkButton key={step} variant="secondary" href={href({ month: monthBeside(month, step) })}>
            {formatMonthYear(`${monthBeside(month, step)}-15T12:00:00Z`, zone)}
          </LinkButton>
        ))}
      </nav>
      {page.activity && <ActivityChart activity={page.activity} title={name} zone={zone} />}
      <TrailTable
        caption={`${name}: ${count}, newest first, times in ${zone}`}
        entries={page.entries}
        zone={zone}
        empty={empty}
      />
      <KeysetPager
        label="Pages of entries"
        newestHref={page.isFirst ? undefined : href({ month })}
        olderHref={page.next === null ? undefined : href({ month, after: page.next })}
      />
    </>
  )
}

function monthBeside(month: string, step: number): string {
  const at = new Date(`${month}-15T12:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + step)
  return at.toISOString().slice(0, 7)
}
