import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import type { IntegrityView, PlaceView } from '#lib/oversight/integrity/view.ts'

type Props = { places: readonly PlaceView[]; witnesses: IntegrityView['witnesses']; zone: string }

/** The places outside the database that hold what was signed, and whether they answer. */
export function PlaceTable({ places, witnesses, zone }: Props) {
  return (
    <>
      <p className="max-w-[66ch] text-muted">
        {witnesses === null
          ? 'No witness is set up. Whoever owns this server and its key could rewrite the trail and its anchor together; a witness run by somebody else would find out.'
          : `A checkpoint counts as published when ${plural(witnesses.quorum, 'witness has', 'witnesses have')} signed it, of ${witnesses.count}. Published through entry ${witnesses.publishedEntries.toLocaleString('en-US')}.`}
      </p>
      <DataTable
        caption={`Anchors and witnesses, times in ${zone}`}
        rows={places}
        rowKey={({ what, name }) => `${what} ${name}`}
        empty={<EmptyState>Nothing was handed out yet.</EmptyState>}
        columns={[
          {
            key: 'name',
            header: 'Place',
            rowHeader: true,
            cell: ({ name, what }) => (name === 'file' ? what : name),
          },
          { key: 'what', header: 'Kind', cell: ({ name, what }) => (name === 'file' ? 'Anchor' : what) },
          {
            key: 'entries',
            header: 'Holds entries through',
            align: 'end',
            nowrap: true,
            cell: ({ entries }) => entries?.toLocaleString('en-US') ?? 'Nothing yet',
          },
          {
            key: 'at',
            header: 'Last answer',
            nowrap: true,
            cell: ({ at }) => (at === null ? 'Never' : formatDateTimeForStaff(at, zone)),
          },
          { key: 'state', header: 'State', cell: (place) => <PlaceState place={place} zone={zone} /> },
        ]}
      />
    </>
  )
}

function PlaceState({ place: { state, since }, zone }: { place: PlaceView; zone: string }) {
  if (state === 'good') return <Tag tone="ok">Answers</Tag>
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      {state === 'away' ? <Tag tone="warn">No answer</Tag> : <Tag tone="bad">Holds another history</Tag>}
      {since !== null && (
        <span className="text-sm text-muted">since {formatDateTimeForStaff(since, zone)}</span>
      )}
    </span>
  )
}
