import { DataTable } from '#components/ui/data-table.tsx'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'
import { formatDateForStaff, plural } from '#lib/format.ts'
import { KeyStanding } from './key-standing.tsx'

/** Every kind of key: whether it is in time, how old it is, what is in use, and how far a renewal is. */
export function KeyTable({ kinds }: { kinds: readonly KeyKindView[] }) {
  return (
    <DataTable
      caption="Keys, passwords and secrets"
      captionHidden
      rows={kinds}
      rowKey={(kind) => kind.kind}
      empty={null}
      columns={[
        {
          key: 'kind',
          header: 'Kind',
          rowHeader: true,
          cell: (kind) => (
            <span className="block min-w-40">
              <span className="block font-semibold">{kind.name}</span>
              <span className="block text-sm text-muted">{kind.purpose}</span>
            </span>
          ),
        },
        { key: 'standing', header: 'State', cell: (kind) => <KeyStanding standing={kind.standing} /> },
        {
          key: 'age',
          header: 'Age',
          nowrap: true,
          cell: (kind) =>
            kind.ageDays === null || kind.madeAt === null ? (
              'Not known now'
            ) : (
              <>
                {plural(kind.ageDays, 'day')}
                <span className="block text-sm text-muted">since {formatDateForStaff(kind.madeAt)}</span>
              </>
            ),
        },
        {
          key: 'due',
          header: 'Renew by',
          nowrap: true,
          cell: (kind) =>
            kind.dueAt === null ? (
              'Not known now'
            ) : (
              <>
                {formatDateForStaff(kind.dueAt)}
                <span className="block text-sm text-muted">at most {plural(kind.daysMax, 'day')}</span>
              </>
            ),
        },
        {
          key: 'use',
          header: 'In use',
          cell: (kind) => (
            <>
              {kind.version}
              {kind.progress && <span className="block text-sm text-muted">{kind.progress}</span>}
            </>
          ),
        },
      ]}
    />
  )
}
