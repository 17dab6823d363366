import { ResultFlag } from '#components/labs/result-flag.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatDateForStaff } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { ChartView } from '#lib/records/chart/view.ts'

/** Results that nobody has reviewed yet, the most urgent ones first. */
export function ResultsToReview({ chart }: { chart: ChartView }) {
  const { patientId } = chart.banner
  const { toReview, toReviewCount, toReviewAtLeast } = chart
  const all = withQuery(paths.chartResults(patientId), { show: 'waiting' })
  return (
    <Card
      title="Results to review"
      flush={toReview.length > 0}
      aside={
        toReviewCount > 0 && (
          <AppLink href={all}>
            {toReviewAtLeast ? `All ${toReviewCount} or more` : `All ${toReviewCount}`} to review
          </AppLink>
        )
      }
    >
      <DataTable
        caption="Results to review"
        captionHidden
        plain
        rows={toReview}
        rowKey={(row) => row.id}
        empty={<EmptyState plain>Nothing waits for review.</EmptyState>}
        columns={[
          {
            key: 'test',
            header: 'Test',
            rowHeader: true,
            cell: (row) => <AppLink href={paths.chartResult(patientId, row.id)}>{row.name}</AppLink>,
          },
          {
            key: 'value',
            header: 'Value',
            align: 'end',
            cell: (row) => (
              <>
                <span className="font-semibold">{row.value}</span>
                {row.unit && <span className="text-muted"> {row.unit}</span>}
              </>
            ),
          },
          { key: 'flag', header: 'Flag', cell: (row) => <ResultFlag flag={row.flag} wording="staff" /> },
          { key: 'before', header: 'Before', align: 'end', cell: (row) => row.before ?? 'None' },
          {
            key: 'collected',
            header: 'Collected',
            nowrap: true,
            cell: (row) => formatDateForStaff(row.collectedAt),
          },
        ]}
      />
    </Card>
  )
}
