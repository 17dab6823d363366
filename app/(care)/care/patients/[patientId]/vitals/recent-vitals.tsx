import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { VitalSeriesView } from '#lib/records/vitals/view.ts'

type Props = {
  series: readonly VitalSeriesView[]
  readAt: string
  withdraw: (data: FormData) => Promise<void>
}

const dayMilliseconds = 86_400_000

/** Values of the last day, where a slip is noticed and can be taken back. */
export function RecentVitals({ series, readAt, withdraw }: Props) {
  const since = Date.parse(readAt) - dayMilliseconds
  const rows = series
    .flatMap(({ label, unit, points }) => points.map((point) => ({ label, unit, ...point })))
    .filter(({ takenAt }) => Date.parse(takenAt) >= since)
    .toSorted((a, b) => b.takenAt.localeCompare(a.takenAt))
  if (rows.length === 0) return null
  return (
    <Card title="Taken in the last 24 hours" flush>
      <DataTable
        caption="Taken in the last 24 hours"
        captionHidden
        plain
        rows={rows}
        rowKey={(row) => row.id}
        empty={null}
        columns={[
          { key: 'measure', header: 'Measure', rowHeader: true, cell: (row) => row.label },
          {
            key: 'value',
            header: 'Value',
            align: 'end',
            cell: (row) => (
              <>
                <span className="font-semibold">{row.value}</span>{' '}
                <span className="text-muted">{row.unit}</span>
              </>
            ),
          },
          { key: 'taken', header: 'Taken', nowrap: true, cell: (row) => formatDateTimeForStaff(row.takenAt) },
          {
            key: 'change',
            header: 'A mistake?',
            cell: (row) => (
              <form action={withdraw} className="print:hidden">
                <input type="hidden" name="vital" value={row.id} />
                <SubmitButton
                  variant="quiet"
                  pendingText="Marking…"
                  aria-label={`Entered in error: ${row.label} ${row.value}`}
                >
                  Entered in error
                </SubmitButton>
              </form>
            ),
          },
        ]}
      />
    </Card>
  )
}
