import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateForStaff } from '#lib/format.ts'
import type { LedgerRowView } from '#lib/oversight/disclosures/view.ts'

type Props = {
  rows: readonly LedgerRowView[]
  basisWords: Readonly<Record<string, string>>
  hrefOf: (disclosureId: string) => string
}

/** The ledger of disclosures of one patient, newest first; rows that were put right stay and say so. */
export function LedgerTable({ rows, basisWords, hrefOf }: Props) {
  return (
    <DataTable
      caption="Disclosures, newest first"
      captionHidden
      rows={rows}
      rowKey={(row) => row.id}
      empty={<EmptyState>Nothing is in the ledger of this patient.</EmptyState>}
      columns={[
        {
          key: 'date',
          header: 'Day',
          rowHeader: true,
          nowrap: true,
          cell: (row) => (
            <AppLink href={hrefOf(row.id)}>
              {formatDateForStaff(row.disclosedAt)}
              <span className="sr-only">, {row.recipientName}</span>
            </AppLink>
          ),
        },
        {
          key: 'to',
          header: 'Who received it',
          cell: (row) => (
            <>
              {row.recipientName}
              {row.times !== null && row.lastDisclosedAt !== null && (
                <span className="block text-sm text-muted">
                  {row.times} times, last {formatDateForStaff(row.lastDisclosedAt)}
                </span>
              )}
            </>
          ),
        },
        { key: 'what', header: 'What', cell: (row) => row.what },
        { key: 'kind', header: 'Kind', cell: (row) => basisWords[row.basis] ?? row.basis },
        { key: 'state', header: 'State', cell: (row) => <State row={row} /> },
      ]}
    />
  )
}

function State({ row }: { row: LedgerRowView }) {
  const silent = row.suspensions.find(({ isCurrent }) => isCurrent)
  return (
    <span className="flex flex-wrap gap-2">
      {row.state === 'counts' && <Tag tone="ok">Counts</Tag>}
      {row.state === 'corrected' && <Tag tone="neutral">Put right</Tag>}
      {row.state === 'withdrawn' && <Tag tone="neutral">Taken back</Tag>}
      {silent && <Tag tone="warn">Silence until {formatDateForStaff(silent.endsAt)}</Tag>}
    </span>
  )
}
