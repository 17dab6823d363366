import { Sparkline } from '#components/labs/sparkline.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatStaleness } from '#lib/format.ts'
import type { ChartView } from '#lib/records/chart/view.ts'

/** The newest vital signs with the ones before and a line for where they are going. */
export function VitalsSummary({ chart }: { chart: ChartView }) {
  return (
    <Card
      title="Vitals"
      flush={chart.vitals.length > 0}
      aside={chart.vitalsAt && formatStaleness(chart.vitalsAt, chart.readAt)}
    >
      <DataTable
        caption="Vitals"
        captionHidden
        plain
        rows={chart.vitals}
        rowKey={(series) => series.key}
        empty={<EmptyState plain>No vital signs are recorded yet.</EmptyState>}
        columns={[
          {
            key: 'measure',
            header: 'Measure',
            rowHeader: true,
            cell: (series) => (
              <>
                {series.label} <span className="text-muted">{series.unit}</span>
              </>
            ),
          },
          {
            key: 'now',
            header: 'Now',
            align: 'end',
            nowrap: true,
            cell: (series) => <span className="font-semibold">{series.points[0]?.value}</span>,
          },
          {
            key: 'before',
            header: 'Before',
            align: 'end',
            nowrap: true,
            cell: (series) => series.points[1]?.value ?? 'None',
          },
          {
            key: 'trend',
            header: 'Trend',
            cell: (series) => (
              <Sparkline values={series.points.map((point) => point.valueNumber).toReversed()} />
            ),
          },
        ]}
      />
    </Card>
  )
}
