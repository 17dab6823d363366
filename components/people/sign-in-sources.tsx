import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { SignInSource } from '#lib/accounts/sign-ins/view.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'

const count = (value: number): string => value.toLocaleString('en-US')

/** Networks that failed tries came from, the busiest first. */
export function SignInSources({ sources, period }: { sources: readonly SignInSource[]; period: string }) {
  return (
    <DataTable
      caption={`${period}, by network, the busiest first`}
      rows={sources}
      rowKey={(source) => source.network ?? 'unknown'}
      columns={[
        {
          key: 'network',
          header: 'Network',
          rowHeader: true,
          nowrap: true,
          cell: (source) => source.network ?? 'Not known',
        },
        { key: 'tries', header: 'Failed tries', align: 'end', cell: (source) => count(source.tries) },
        { key: 'away', header: 'Turned away', align: 'end', cell: (source) => count(source.turnedAway) },
        { key: 'addresses', header: 'Addresses', align: 'end', cell: (source) => count(source.addresses) },
        { key: 'accounts', header: 'Accounts tried', align: 'end', cell: (source) => count(source.accounts) },
        {
          key: 'last',
          header: 'Last try',
          nowrap: true,
          cell: (source) => formatDateTimeForStaff(source.lastAt),
        },
      ]}
      empty={<EmptyState>Nobody failed to get in during this time.</EmptyState>}
    />
  )
}
