import { rangeInWords } from '#components/labs/position.ts'
import { ResultFlag } from '#components/labs/result-flag.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { ChartResultView } from '#lib/records/labs/view.ts'

type Props = { patientId: string; results: readonly ChartResultView[]; waitingOnly: boolean }

/** Laboratory results of a chart, newest first, each with its range and the value before it. */
export function ChartResultsTable({ patientId, results, waitingOnly }: Props) {
  return (
    <DataTable
      caption={waitingOnly ? 'Results to review, newest first' : 'All results, newest first'}
      captionHidden
      rows={results}
      rowKey={(row) => row.id}
      empty={
        <EmptyState>
          {waitingOnly ? 'All results are reviewed.' : 'Laboratory results stand here when they arrive.'}
        </EmptyState>
      }
      columns={[
        {
          key: 'test',
          header: 'Test',
          rowHeader: true,
          cell: (row) => (
            <>
              <AppLink href={paths.chartResult(patientId, row.id)}>{row.name}</AppLink>
              {row.reportName && <span className="block text-sm text-muted">{row.reportName}</span>}
            </>
          ),
        },
        {
          key: 'value',
          header: 'Value',
          align: 'end',
          cell: (row) => (
            <>
              {row.status === 'cancelled' || row.status === 'entered-in-error' ? (
                <del>{row.value}</del>
              ) : (
                <span className="font-semibold">{row.value}</span>
              )}
              {row.unit && (
                <>
                  {' '}
                  <span className="whitespace-nowrap text-muted">{row.unit}</span>
                </>
              )}
            </>
          ),
        },
        { key: 'flag', header: 'Flag', cell: (row) => <ResultFlag flag={row.flag} wording="staff" /> },
        {
          key: 'range',
          header: 'Range',
          cell: (row) => rangeInWords(row.low, row.high) ?? row.rangeText ?? 'Not given',
        },
        { key: 'before', header: 'Before', align: 'end', cell: (row) => row.before?.value ?? 'None' },
        {
          key: 'collected',
          header: 'Collected',
          nowrap: true,
          cell: (row) => formatDateTimeForStaff(row.collectedAt),
        },
        { key: 'state', header: 'State', cell: (row) => <ResultState result={row} /> },
      ]}
    />
  )
}

/** What has become of a result: waiting, reviewed, corrected since, or void. */
export function ResultState({ result }: { result: ChartResultView }) {
  if (result.status === 'entered-in-error') return <Tag tone="neutral">Entered in error</Tag>
  if (result.status === 'cancelled') return <Tag tone="neutral">Cancelled</Tag>
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      {(result.status === 'corrected' || result.status === 'amended') && <Tag tone="warn">Corrected</Tag>}
      {result.status === 'preliminary' && <Tag tone="info">Preliminary</Tag>}
      {result.reviewed ? <span className="text-muted">Reviewed</span> : <Tag tone="info">To review</Tag>}
    </span>
  )
}
