import { Card } from '#components/ui/card.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import type { LeaverClock } from '#lib/accounts/people/view.ts'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'

const titles: Record<LeaverClock['by'], string> = {
  closing: 'After the account was deactivated',
  'new-role': 'After the role was changed',
  'last-day': 'After the last day',
}

/** The evidence that somebody's access ended at once: from the trail, where nobody can change it. */
export function LeaverClockCard({ clock }: { clock: LeaverClock }) {
  return (
    <Card
      title={titles[clock.by]}
      aside={
        clock.allowedAfter === 0 ? (
          <Tag tone="ok">Nothing was allowed</Tag>
        ) : (
          <Tag tone="bad">{`${plural(clock.allowedAfter, 'access', 'accesses')} allowed`}</Tag>
        )
      }
    >
      <SummaryList
        items={[
          { label: 'Access ended', value: formatDateTimeForStaff(clock.shutAt) },
          {
            label: 'Sessions from before',
            value:
              clock.allowedAfter === 0
                ? 'Opened no record after that'
                : `Opened records ${plural(clock.allowedAfter, 'time', 'times')} after that: tell compliance`,
          },
          {
            label: 'First refusal',
            value: clock.firstRefused
              ? `${seconds(clock.firstRefused.afterMilliseconds)} later (${plural(clock.refused, 'attempt', 'attempts')} in all)`
              : 'Nobody has tried since',
          },
        ]}
      />
    </Card>
  )
}

function seconds(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} seconds`
  const minutes = Math.round(milliseconds / 60_000)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}
