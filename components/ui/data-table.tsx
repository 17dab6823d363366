import clsx from 'clsx'
import { useId, type ReactNode } from 'react'
import { AppLink } from './app-link.tsx'
import { Shape } from './shape.tsx'

export type SortDirection = 'ascending' | 'descending'

export type Column<Row> = {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** Numbers stand on the right, with the unit in the header. */
  align?: 'end' | undefined
  /** The column that names the row; one per table. */
  rowHeader?: boolean | undefined
  /** Keeps dates and numbers on one line. */
  nowrap?: boolean | undefined
  /** A header that sorts: the address of the page in that order, and the order it is in now. */
  sort?: { href: string; direction: SortDirection | null } | undefined
}

type Props<Row> = {
  caption: string
  /** True when a heading right above says the same. */
  captionHidden?: boolean | undefined
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** What stands there instead of a table without rows: an EmptyState. */
  empty: ReactNode
  /** Inside a card the table brings no frame of its own. */
  plain?: boolean | undefined
}

/** From so many columns on, a phone shows each row as a list: side by side they would have to be moved to be read (WCAG 1.4.10). */
const stackedFrom = 4

/**
 * A table with a caption in a box that scrolls sideways by keyboard too; a wide one is stacked on a phone (globals.css). Sorting is a link to the same page in another order, so it works
 * without a script and the server pages through what is its own.
 */
export function DataTable<Row>({
  caption,
  captionHidden = false,
  columns,
  rows,
  rowKey,
  empty,
  plain = false,
}: Props<Row>) {
  const id = useId()
  if (rows.length === 0) return <>{empty}</>
  const sorted = columns.find((column) => column.sort?.direction)
  const isStacked = columns.length >= stackedFrom
  return (
    <div
      role="group"
      aria-labelledby={id}
      // A box that scrolls must be reachable by the arrow keys (WCAG 2.1.1).
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      data-scroll-box
      data-stacked={isStacked || undefined}
      className={clsx('overflow-x-auto', !plain && 'rounded-xl border border-line bg-card')}
    >
      <table className="w-full border-collapse text-(length:--text-table) leading-snug tabular">
        <caption
          id={id}
          className={captionHidden ? 'sr-only' : 'px-3 pt-3 pb-1 text-left text-sm font-semibold sm:px-4'}
        >
          {/* stays in sight while the columns are moved sideways, no wider than a phone */}
          <span className="sticky left-3 inline-block max-w-[min(100%,calc(100vw-4.5rem))] sm:left-4 print:max-w-none">
            {caption}
            {sorted && (
              <span className="sr-only">
                , sorted by {sorted.header}, {sorted.sort?.direction}
              </span>
            )}
          </span>
        </caption>
        <thead>
          <tr className="border-b border-line-strong">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={column.sort?.direction ?? undefined}
                className={clsx(
                  'px-3 py-2.5 text-xs font-semibold text-muted sm:px-4 print:px-2',
                  column.align === 'end' ? 'text-right' : 'text-left',
                )}
              >
                {column.sort ? <SortLink header={column.header} sort={column.sort} /> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-b-0">
              {columns.map((column) => {
                const Cell = column.rowHeader ? 'th' : 'td'
                return (
                  <Cell
                    key={column.key}
                    scope={column.rowHeader ? 'row' : undefined}
                    data-label={isStacked && !column.rowHeader ? column.header : undefined}
                    className={clsx(
                      'px-3 py-(--cell-y) align-top sm:px-4 print:px-2',
                      column.align === 'end' ? 'text-right' : 'text-left',
                      // where columns are moved sideways anyway, what names the row is not squeezed into a word a line
                      column.rowHeader && 'min-w-32 font-normal print:min-w-0',
                      column.nowrap && 'whitespace-nowrap',
                    )}
                  >
                    {column.cell(row)}
                  </Cell>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SortLink({
  header,
  sort,
}: {
  header: string
  sort: { href: string; direction: SortDirection | null }
}) {
  return (
    <AppLink
      href={sort.href}
      scroll={false}
      className="inline-flex min-h-6 items-center gap-1.5 whitespace-nowrap"
    >
      {header}
      {sort.direction && <Shape name={sort.direction === 'ascending' ? 'up' : 'down'} className="size-2.5" />}
    </AppLink>
  )
}
