import type { ReactNode } from 'react'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable, type Column } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import type { StaffSessionView } from '#lib/accounts/people/view.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'

type Props = {
  caption: string
  sessions: readonly StaffSessionView[]
  /** what can be done with an open session */
  action: (session: StaffSessionView) => ReactNode
  withNames?: boolean
}

/** Sign-ins of staff: since when, last use, from where, how they ended. */
export function SessionTable({ caption, sessions, action, withNames = false }: Props) {
  const columns: Column<StaffSessionView>[] = [
    ...(withNames
      ? [
          {
            key: 'who',
            header: 'Who',
            rowHeader: true,
            cell: (session: StaffSessionView) => (
              <>
                <AppLink href={paths.adminPerson(session.accountId)} className="font-semibold">
                  {session.name}
                </AppLink>
                <span className="block text-sm text-muted">{session.roleName}</span>
              </>
            ),
          },
        ]
      : []),
    {
      key: 'since',
      header: 'Signed in',
      nowrap: true,
      rowHeader: !withNames,
      cell: (session) => formatDateTimeForStaff(session.openedAt),
    },
    {
      key: 'last',
      header: 'Last used',
      nowrap: true,
      cell: (session) => formatDateTimeForStaff(session.lastActiveAt),
    },
    {
      key: 'from',
      header: 'From',
      cell: (session) =>
        [session.clientIp ?? 'Address not known', session.browser].filter(Boolean).join(' · '),
    },
    {
      key: 'state',
      header: 'State',
      cell: (session) =>
        session.isActive ? (
          <Tag tone="ok">{session.isCurrent ? 'Open: this one' : 'Open'}</Tag>
        ) : (
          `Ended: ${session.endReason ?? 'not known'}`
        ),
    },
    {
      key: 'do',
      header: 'End',
      cell: (session) => (session.isActive && !session.isCurrent ? action(session) : '–'),
    },
  ]
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={sessions}
      rowKey={(session) => session.sessionId}
      empty={<EmptyState>No sign-in is on record yet.</EmptyState>}
    />
  )
}
