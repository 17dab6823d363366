import { DataTable } from '#components/ui/data-table.tsx'
import { Details } from '#components/ui/details.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { plural } from '#lib/format.ts'
import type { ActivityView } from '#lib/oversight/trail/view.ts'
import { activityLayout, chartHeight } from './activity-layout.ts'

/** What is counted, where it is not entries of the trail. */
type ActivityWords = {
  one: string
  many: string
  /** of some of them: "12 of them …" */
  part: string
  foot: string
  whole: string
  partHeader: string
  empty: string
}
const entryWords: ActivityWords = {
  one: 'entry',
  many: 'entries',
  part: 'refused',
  foot: 'refused attempts',
  whole: 'Entries',
  partHeader: 'Refused',
  empty: 'No entry in this period.',
}

type Props = { activity: ActivityView; title: string; zone: string; words?: ActivityWords }

const unitNames = { hour: 'by the hour', day: 'by the day', month: 'by the month' } as const

/**
 * Entries over time as bars, refused attempts in each bar's foot, and all numbers in a table. Drawn by the server; nothing in it
 * waits for a pointer.
 */
export function ActivityChart({ activity, title, zone, words = entryWords }: Props) {
  const { bars, ticks, labels } = activityLayout(activity)
  const total = activity.bars.reduce((sum, bar) => sum + bar.entries, 0)
  const refused = activity.bars.reduce((sum, bar) => sum + bar.refused, 0)
  const sentence = `${plural(total, words.one, words.many)} ${unitNames[activity.unit]}, ${refused === 0 ? 'none' : refused} of them ${words.part}.`
  return (
    <div className="space-y-2">
      <figure data-card className="rounded-xl border border-line bg-card px-4 pt-4 pb-3">
        <figcaption className="mb-3 text-sm">
          <span className="font-semibold">{title}:</span> {sentence}{' '}
          <span className="text-muted">
            {refused > 0 && `The striped foot of a bar is ${words.foot}. `}Times in {zone}.
          </span>
        </figcaption>
        {/* Beside the bars, where none stands: figures of the scale. */}
        <div className="pr-14">
          <svg
            role="img"
            aria-label={`${title}. ${sentence} The table below has every number.`}
            width="100%"
            height={chartHeight + 24}
            className="block overflow-visible text-xs"
          >
            <defs>
              <pattern
                id="refused"
                width="6"
                height="6"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width="6" height="6" className="fill-card" />
                <rect width="3.5" height="6" className="fill-series-second" />
              </pattern>
            </defs>
            {ticks.map((tick) => (
              <g key={tick.label}>
                <line x1="0" x2="100%" y1={tick.y} y2={tick.y} className="stroke-line" />
                <text x="100%" dx="6" y={tick.y + 4} className="fill-muted tabular">
                  {tick.label}
                </text>
              </g>
            ))}
            {bars.map((bar) => (
              <g key={bar.key}>
                <rect
                  x={`${bar.x}%`}
                  width={`${bar.width}%`}
                  y={bar.y}
                  height={bar.height}
                  className="fill-series"
                />
                {bar.refusedHeight > 0 && (
                  <rect
                    x={`${bar.x}%`}
                    width={`${bar.width}%`}
                    y={chartHeight - bar.refusedHeight}
                    height={bar.refusedHeight}
                    fill="url(#refused)"
                  />
                )}
              </g>
            ))}
            {labels.map((label) => (
              <text
                key={label.text}
                x={`${label.x}%`}
                y={chartHeight + 18}
                textAnchor={label.anchor}
                className="fill-muted"
              >
                {label.text}
              </text>
            ))}
          </svg>
        </div>
      </figure>
      <Details summary="The same in numbers">
        <DataTable
          plain
          caption={`${title}, times in ${zone}`}
          rows={activity.bars.filter((bar) => bar.entries > 0)}
          rowKey={(bar) => bar.startsAt}
          columns={[
            {
              key: 'at',
              header: 'Begins',
              rowHeader: true,
              nowrap: true,
              cell: (bar) => bar.startsAt.replace('T', ' '),
            },
            {
              key: 'entries',
              header: words.whole,
              align: 'end',
              cell: (bar) => bar.entries.toLocaleString('en-US'),
            },
            {
              key: 'refused',
              header: words.partHeader,
              align: 'end',
              cell: (bar) => bar.refused.toLocaleString('en-US'),
            },
          ]}
          empty={<EmptyState plain>{words.empty}</EmptyState>}
        />
      </Details>
    </div>
  )
}
