import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable, type Column, type SortDirection } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatAuditTimestamp } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { TrailEntryView } from '#lib/oversight/trail/view.ts'

/** Orders of an answer that have a column here. */
type ColumnSort = 'time' | 'who' | 'patient' | 'action' | 'part' | 'purpose' | 'address'
export type TableSort = {
  current: { sort: string; direction: SortDirection }
  href: (sort: ColumnSort, direction: SortDirection) => string
}

type Props = {
  caption: string
  entries: readonly TrailEntryView[]
  zone: string
  empty: string
  /** Where the table is sorted by its headers. */
  sort?: TableSort | undefined
}

/** Rows of the trail: when, who, what, which part and fields, why, from where. */
export function TrailTable({ caption, entries, zone, empty, sort }: Props) {
  const sorted = (key: ColumnSort): Column<TrailEntryView>['sort'] => {
    if (!sort) return undefined
    const direction = sort.current.sort === key ? sort.current.direction : null
    const first = key === 'time' ? 'descending' : 'ascending'
    const turned = direction === 'ascending' ? 'descending' : 'ascending'
    return { href: sort.href(key, direction === null ? first : turned), direction }
  }
  const columns: Column<TrailEntryView>[] = [
    {
      key: 'at',
      header: 'Time',
      rowHeader: true,
      sort: sorted('time'),
      cell: (entry) => <TrailTime entry={entry} zone={zone} />,
    },
    {
      key: 'who',
      header: 'Who',
      sort: sorted('who'),
      cell: (entry) => (
        <>
          {entry.actorId === null ? (
            <span className="font-semibold">{entry.actorName}</span>
          ) : (
            <AppLink href={paths.compliancePerson(entry.actorId)} className="font-semibold">
              {entry.actorName}
            </AppLink>
          )}
          <span className="block text-sm text-muted">{entry.actorTitle}</span>
        </>
      ),
    },
    {
      key: 'patient',
      header: 'Patient',
      nowrap: true,
      sort: sorted('patient'),
      cell: (entry) => (
        <AppLink href={withQuery(paths.compliancePatient(entry.logId), { at: entry.atExact })}>
          {entry.patientReference}
        </AppLink>
      ),
    },
    {
      key: 'action',
      header: 'Action',
      sort: sorted('action'),
      cell: (entry) => <TrailAction entry={entry} />,
    },
    {
      key: 'part',
      header: 'Part and fields',
      sort: sorted('part'),
      cell: (entry) => (
        <>
          {entry.view}
          <TrailFields fields={entry.fields} />
        </>
      ),
    },
    {
      key: 'why',
      header: 'Why',
      sort: sorted('purpose'),
      cell: (entry) => (
        <>
          {entry.refusal ?? entry.purpose ?? 'Not stated'}
          {entry.isExplained === false && (
            <span className="block text-sm text-muted">No documented reason found</span>
          )}
        </>
      ),
    },
    {
      key: 'from',
      header: 'From',
      nowrap: true,
      sort: sorted('address'),
      cell: (entry) => entry.clientIp ?? 'This server',
    },
  ]
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={entries}
      rowKey={(entry) => entry.logId}
      empty={<EmptyState>{empty}</EmptyState>}
    />
  )
}

const actionWords: Readonly<Record<string, string>> = {
  READ: 'Read',
  CREATE: 'Add',
  UPDATE: 'Change',
  DELETE: 'Remove',
  SEARCH: 'Found by search',
  EXPORT: 'Export',
  PRINT: 'Print',
  DISCLOSE: 'Disclose',
}

/** Date and time, each on one line: under each other where the other columns need the room. */
function TrailTime({ entry, zone }: { entry: TrailEntryView; zone: string }) {
  const [date, time] = formatAuditTimestamp(entry.at, zone).split('T')
  return (
    <AppLink href={withQuery(paths.complianceEvent(entry.logId), { at: entry.atExact })}>
      <span className="whitespace-nowrap">{date}</span> <span className="whitespace-nowrap">{time}</span>
    </AppLink>
  )
}

/** What was done, and whether it was refused, admitted or carried out, in words. */
export function TrailAction({ entry }: { entry: TrailEntryView }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      {actionWords[entry.action] ?? entry.action}
      {entry.isEmergency && <Tag tone="emergency">Emergency</Tag>}
      {entry.outcome === 'DENIED' && <Tag tone="warn">Refused</Tag>}
      {entry.outcome === 'EFFECT' && <Tag tone="info">Carried out</Tag>}
    </span>
  )
}

/** Names of fields by model; a long list is folded, because one wide entry must not push the others off the screen. */
function TrailFields({ fields }: { fields: TrailEntryView['fields'] }) {
  const named = Object.entries(fields).filter(([, names]) => names.length > 0)
  const count = named.reduce((sum, [, names]) => sum + names.length, 0)
  if (count === 0) return <span className="block text-sm text-muted">No field</span>
  const text = named.map(([model, names]) => `${model}: ${names.join(', ')}`).join(' · ')
  if (count <= 8) return <span className="block max-w-[40ch] text-sm text-muted">{text}</span>
  return (
    <details className="max-w-[40ch] text-sm text-muted">
      <summary className="min-h-6 text-link">
        {count} fields of{' '}
        {named
          .map(([model]) => model)
          .slice(0, 3)
          .join(', ')}
        {named.length > 3 && ` and ${named.length - 3} more`}
      </summary>
      {text}
    </details>
  )
}
