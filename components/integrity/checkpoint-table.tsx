import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { CheckpointView } from '#lib/oversight/integrity/view.ts'

type Props = { checkpoints: readonly CheckpointView[]; zone: string }

/** What was signed last: so many entries, and the root hash over them. Whoever writes one down can check it years later. */
export function CheckpointTable({ checkpoints, zone }: Props) {
  return (
    <DataTable
      caption={`Signed checkpoints, newest first, times in ${zone}`}
      rows={checkpoints}
      rowKey={({ entries }) => String(entries)}
      empty={<EmptyState>Nothing is signed yet.</EmptyState>}
      columns={[
        {
          key: 'entries',
          header: 'Entries',
          align: 'end',
          nowrap: true,
          rowHeader: true,
          cell: ({ entries }) => entries.toLocaleString('en-US'),
        },
        { key: 'at', header: 'Signed', nowrap: true, cell: ({ at }) => formatDateTimeForStaff(at, zone) },
        {
          key: 'root',
          header: 'Root hash',
          cell: ({ root }) => <code className="text-sm whitespace-nowrap">{root}</code>,
        },
        {
          key: 'by',
          header: 'Kept by',
          cell: ({ keptBy }) => (keptBy.length === 0 ? 'On its way' : keptBy.join(', ')),
        },
      ]}
    />
  )
}
