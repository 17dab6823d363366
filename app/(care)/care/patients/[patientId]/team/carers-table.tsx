import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateForStaff } from '#lib/format.ts'
import type { CareRelationshipView } from '#lib/records/care-team/view.ts'

type Props = {
  relationships: readonly CareRelationshipView[]
  names: ReadonlyMap<string, string>
  /** The reader's account and teams: whoever ends one of these may close the chart to themselves. */
  ownIds: ReadonlySet<string>
  end: (data: FormData) => Promise<void>
}

/** Who cares for the patient and who did, with the period and the reason. */
export function CarersTable({ relationships, names, ownIds, end }: Props) {
  const nameOf = (row: CareRelationshipView) => names.get(row.carerId) ?? 'Not in the directory any more'
  return (
    <DataTable
      caption="Who cares for this patient, newest first"
      captionHidden
      rows={relationships}
      rowKey={(row) => row.id}
      empty={<EmptyState>Nobody is named yet.</EmptyState>}
      columns={[
        {
          key: 'who',
          header: 'Who',
          rowHeader: true,
          cell: (row) => (
            <>
              <span className="font-semibold">{nameOf(row)}</span>
              <span className="text-muted">{whoWords(row, ownIds)}</span>
            </>
          ),
        },
        { key: 'from', header: 'From', nowrap: true, cell: (row) => formatDateForStaff(row.startsAt) },
        {
          key: 'until',
          header: 'Until',
          nowrap: true,
          cell: (row) => (row.endsAt ? formatDateForStaff(row.endsAt) : 'No end'),
        },
        { key: 'reason', header: 'Why', cell: (row) => row.reason ?? 'Not recorded' },
        {
          key: 'state',
          header: 'State',
          cell: (row) =>
            row.isCurrent ? <Tag tone="ok">Current</Tag> : <span className="text-muted">Not current</span>,
        },
        {
          key: 'end',
          header: 'Change',
          cell: (row) =>
            row.isCurrent ? (
              <form action={end} className="print:hidden">
                <input type="hidden" name="relationship" value={row.id} />
                {ownIds.has(row.carerId) && <input type="hidden" name="own" value="yes" />}
                <SubmitButton variant="secondary" pendingText="Ending…" aria-label={`End for ${nameOf(row)}`}>
                  End
                </SubmitButton>
              </form>
            ) : (
              <span className="text-muted">None</span>
            ),
        },
      ]}
    />
  )
}

function whoWords(row: CareRelationshipView, ownIds: ReadonlySet<string>): string {
  const isOwn = ownIds.has(row.carerId)
  if (row.carerKind === 'team') return isOwn ? ' (your team)' : ' (team)'
  return isOwn ? ' (you)' : ''
}
