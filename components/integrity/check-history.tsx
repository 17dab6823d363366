import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import type { VerificationView } from '#lib/oversight/integrity/view.ts'

type Props = { history: readonly VerificationView[]; zone: string }

/** The last checks, newest first. */
export function CheckHistory({ history, zone }: Props) {
  return (
    <DataTable
      caption={`Checks, newest first, times in ${zone}`}
      rows={history}
      rowKey={({ id }) => String(id)}
      empty={<EmptyState>No check has run yet. The first one begins by itself.</EmptyState>}
      columns={[
        {
          key: 'at',
          header: 'Ended',
          rowHeader: true,
          nowrap: true,
          cell: ({ at }) => formatDateTimeForStaff(at, zone),
        },
        { key: 'what', header: 'What', nowrap: true, cell: ({ what }) => what },
        { key: 'why', header: 'Why', nowrap: true, cell: ({ why }) => why },
        {
          key: 'entries',
          header: 'Entries looked at',
          align: 'end',
          nowrap: true,
          cell: ({ entries }) => entries.toLocaleString('en-US'),
        },
        {
          key: 'took',
          header: 'Seconds',
          align: 'end',
          nowrap: true,
          cell: ({ seconds }) =>
            seconds < 10 ? seconds.toFixed(1) : Math.round(seconds).toLocaleString('en-US'),
        },
        {
          key: 'result',
          header: 'Result',
          cell: ({ ok, findings, unreached }) => (
            <span className="inline-flex flex-wrap items-center gap-2">
              {ok ? <Tag tone="ok">Unchanged</Tag> : <Tag tone="bad">{plural(findings, 'finding')}</Tag>}
              {unreached.length > 0 && (
                <span className="text-sm text-muted">no answer from {unreached.join(', ')}</span>
              )}
            </span>
          ),
        },
      ]}
    />
  )
}
