import type { ReactNode } from 'react'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { ExportFormatView, ExportView } from '#lib/oversight/export/view.ts'
import { ExportState } from './export-state.tsx'

const formatNames: Record<ExportFormatView, string> = {
  ndjson: 'NDJSON',
  csv: 'CSV',
  pdf: 'PDF',
  fhir: 'FHIR',
  evidence: 'Evidence',
}

type Props = {
  exports: readonly ExportView[]
  /** What its owner can do with one; null for nothing. */
  actions: (view: ExportView) => ReactNode
}

/** Exports, the newest first: who asked for what, and what became of it. */
export function ExportTable({ exports, actions }: Props) {
  return (
    <DataTable
      caption="Exports of the last 30 days"
      captionHidden
      rows={exports}
      rowKey={({ exportId }) => exportId}
      empty={<EmptyState>Nobody has exported anything in the last 30 days.</EmptyState>}
      columns={[
        {
          key: 'asked',
          header: 'Asked for',
          rowHeader: true,
          cell: (view) => (
            <>
              <span className="whitespace-nowrap">{formatDateTimeForStaff(view.requestedAt)}</span>
              <span className="block font-semibold">{view.isOwn ? 'You' : view.requesterName}</span>
              {view.deciderName && (
                <span className="block text-sm text-muted">
                  {view.state === 'REJECTED' ? 'Declined' : 'Agreed'} by {view.deciderName}
                </span>
              )}
            </>
          ),
        },
        {
          key: 'what',
          header: 'Entries',
          cell: (view) => (
            <div className="max-w-[46ch] wrap-anywhere">
              {view.criteria.map((line) => (
                <span key={line} className="block">
                  {line}
                </span>
              ))}
              <span className="mt-1 block text-sm text-muted">For: {view.reason}</span>
            </div>
          ),
        },
        { key: 'format', header: 'Format', nowrap: true, cell: ({ format }) => formatNames[format] },
        { key: 'rows', header: 'How many', align: 'end', nowrap: true, cell: countText },
        {
          key: 'state',
          header: 'State',
          cell: (view) => (
            <>
              <ExportState view={view} />
              <div className="mt-2 flex flex-wrap gap-2 empty:hidden">{actions(view)}</div>
              {view.state === 'READY' && view.isOwn && view.sha256 && (
                <details className="mt-2 text-sm">
                  <summary className="min-h-6 text-link">SHA-256 of the file</summary>
                  <code className="block max-w-[34ch] wrap-anywhere">{view.sha256}</code>
                </details>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

/** How many entries were counted when it was asked for; what is archived is seen when the file is made, which says how many it has. */
export const countText = (
  view: Pick<ExportView, 'rows' | 'isMore' | 'isAtMost' | 'state' | 'rowsDone'>,
): string => {
  if (view.isAtMost && (view.state === 'READY' || view.state === 'EXPIRED'))
    return view.rowsDone.toLocaleString('en-US')
  const counted = view.rows.toLocaleString('en-US')
  if (view.isAtMost) return view.isMore ? 'perhaps over 100,000' : `at most ${counted}`
  return view.isMore ? 'over 100,000' : counted
}
