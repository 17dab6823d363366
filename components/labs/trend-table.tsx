import { DataTable, type Column } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatDateForPatient, formatDateTimeForStaff } from '#lib/format.ts'
import type { ResultStatus, TrendPointView } from '#lib/records/labs/view.ts'
import { ResultFlag } from './result-flag.tsx'
import { positionOf, type Position } from './position.ts'
import type { TrendSeries } from './trend-layout.ts'
import type { ResultFlagCode } from '#lib/records/labs/view.ts'

type Props = {
  caption: string
  series: readonly TrendSeries[]
  audience: 'patient' | 'staff'
  timeZone?: string | undefined
}

type Row = { collectedAt: string; cells: (TrendPointView | undefined)[] }

/** The numbers of a trend, newest first: the whole of it, of which the drawing is only a picture. */
export function TrendTable({ caption, series, audience, timeZone }: Props) {
  const units = new Set(series.flatMap(({ points }) => points.map((point) => point.unit)))
  const [shared] = units.size === 1 ? units : []
  const columns: Column<Row>[] = [
    {
      key: 'date',
      header: audience === 'patient' ? 'Date' : 'Collected',
      rowHeader: true,
      cell: (row) =>
        audience === 'patient'
          ? formatDateForPatient(row.collectedAt, timeZone)
          : formatDateTimeForStaff(row.collectedAt, timeZone),
    },
    ...series.map(({ name }, index): Column<Row> => {
      const header = series.length === 1 ? 'Result' : name
      return {
        key: `value-${index}`,
        header: shared ? `${header} (${shared})` : header,
        align: 'end',
        nowrap: true,
        cell: (row) => <Value point={row.cells[index]} withUnit={!shared} />,
      }
    }),
  ]
  // A vital sign has no laboratory's range: a column that says so in every row would say nothing.
  const isJudged = series.some(({ points }) => points.some((point) => flagOf(point) !== null))
  if (series.length === 1 && isJudged)
    columns.push({
      key: 'flag',
      header: audience === 'patient' ? 'Usual range' : 'Flag',
      cell: ({ cells: [point] }) =>
        point && <ResultFlag flag={flagOf(point)} wording={audience === 'patient' ? 'short' : 'staff'} />,
    })
  return (
    <DataTable
      caption={caption}
      captionHidden
      columns={columns}
      rows={rowsOf(series)}
      rowKey={(row) => row.collectedAt + (row.cells.find(Boolean)?.id ?? '')}
      empty={<EmptyState>Past results show here.</EmptyState>}
    />
  )
}

function Value({ point, withUnit }: { point: TrendPointView | undefined; withUnit: boolean }) {
  if (!point) return 'Not taken'
  const text = withUnit && point.unit ? `${point.value} ${point.unit}` : point.value
  const note = statusNotes[point.status]
  return (
    <>
      {point.status === 'entered-in-error' || point.status === 'cancelled' ? (
        <del>{text}</del>
      ) : (
        <span className="font-semibold">{text}</span>
      )}
      {note && <span className="block text-xs font-normal text-muted">{note}</span>}
    </>
  )
}

const statusNotes: Partial<Record<ResultStatus, string>> = {
  preliminary: 'Preliminary',
  corrected: 'Corrected',
  amended: 'Changed',
  cancelled: 'Cancelled',
  'entered-in-error': 'Entered in error',
}

const flagsByPosition: Record<Position, ResultFlagCode> = {
  inside: 'normal',
  above: 'high',
  below: 'low',
  outside: 'abnormal',
  unknown: null,
}

function flagOf(point: TrendPointView): ResultFlagCode {
  return point.flag ?? flagsByPosition[positionOf(point)]
}

/** Values of several series taken at the same moment share a row, as the two of a blood pressure do. */
function rowsOf(series: readonly TrendSeries[]): Row[] {
  if (series.length === 1)
    return (series[0]?.points ?? [])
      .map((point) => ({ collectedAt: point.collectedAt, cells: [point] }))
      .toSorted((a, b) => b.collectedAt.localeCompare(a.collectedAt))
  const rows = new Map<string, Row>()
  for (const [index, { points }] of series.entries())
    for (const point of points) {
      const row = rows.get(point.collectedAt) ?? {
        collectedAt: point.collectedAt,
        cells: series.map(() => undefined),
      }
      row.cells[index] = point
      rows.set(point.collectedAt, row)
    }
  return [...rows.values()].toSorted((a, b) => b.collectedAt.localeCompare(a.collectedAt))
}
