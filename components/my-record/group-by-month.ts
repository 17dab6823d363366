import { formatMonthYear, localDay } from '#lib/format.ts'

export type Month<Row> = { key: string; heading: string; rows: Row[] }

/** Rows under the months in which they fall in the clinic's zone, in the order in which they come. */
export function groupByMonth<Row>(rows: readonly Row[], at: (row: Row) => string): Month<Row>[] {
  const months = new Map<string, Month<Row>>()
  for (const row of rows) {
    const key = localDay(at(row)).slice(0, 7)
    const month = months.get(key) ?? { key, heading: formatMonthYear(at(row)), rows: [] }
    month.rows.push(row)
    months.set(key, month)
  }
  return [...months.values()]
}
