import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatDateForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { CaseView } from '#lib/oversight/watching/view.ts'
import { CaseStateTag } from './case-state.tsx'

/** Cases, one a line: the day, the person, the record, and what was found in a few words. */
export function CaseTable({
  caption,
  cases,
  empty,
}: {
  caption: string
  cases: readonly CaseView[]
  empty: string
}) {
  return (
    <DataTable
      caption={caption}
      rows={cases}
      rowKey={({ id }) => id}
      empty={<EmptyState>{empty}</EmptyState>}
      columns={[
        { key: 'day', header: 'Day (UTC)', nowrap: true, cell: ({ day }) => dayText(day) },
        {
          key: 'who',
          header: 'Who',
          rowHeader: true,
          cell: ({ id, actorName, actorTitle }) => (
            <>
              <AppLink href={paths.complianceCase(id)} className="font-semibold">
                {actorName}
              </AppLink>
              <span className="block text-sm text-muted">{actorTitle}</span>
            </>
          ),
        },
        {
          key: 'record',
          header: 'Record',
          nowrap: true,
          cell: ({ patientReference }) => patientReference ?? 'The whole day',
        },
        {
          key: 'why',
          header: 'What was found',
          cell: ({ findings }) => findings.map(({ title }) => title).join('; '),
        },
        { key: 'score', header: 'Weight', align: 'end', cell: ({ score }) => score.toFixed(1) },
        { key: 'state', header: 'State', cell: ({ state }) => <CaseStateTag state={state} /> },
      ]}
    />
  )
}

/** A calendar day, which is the same everywhere. */
export const dayText = (day: string): string => formatDateForStaff(`${day}T12:00:00Z`, 'UTC')
