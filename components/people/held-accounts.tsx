import type { ReactNode } from 'react'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { HeldAccount } from '#lib/accounts/sign-ins/view.ts'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'

type Props = {
  held: readonly HeldAccount[]
  /** how many people who use the portal are held up as well */
  portalAccounts: number
  /** what can be done about one */
  action: (account: HeldAccount) => ReactNode
}

/** Staff who cannot sign in as usual, with why and what to do. */
export function HeldAccounts({ held, portalAccounts, action }: Props) {
  return (
    <>
      <DataTable
        caption={plural(held.length, 'member of staff', 'members of staff')}
        rows={held}
        rowKey={(account) => account.accountId}
        columns={[
          {
            key: 'name',
            header: 'Name',
            rowHeader: true,
            cell: (account) => (
              <>
                <AppLink href={paths.adminPerson(account.accountId)} className="font-semibold">
                  {account.name}
                </AppLink>
                <span className="block text-sm text-muted">{account.roleName}</span>
              </>
            ),
          },
          {
            key: 'why',
            header: 'Why',
            cell: (account) => <span className="block min-w-40">{whyOf(account)}</span>,
          },
          {
            key: 'failures',
            header: 'Failed tries in a row',
            align: 'end',
            cell: (account) => account.failures ?? 'None',
          },
          { key: 'do', header: 'What to do', cell: (account) => remedy(account, action) },
        ]}
        empty={<EmptyState>Everybody who works here can sign in as usual.</EmptyState>}
      />
      <p className="max-w-[66ch] text-muted">
        {portalAccounts === 0
          ? 'No patient or proxy is held up.'
          : `${plural(portalAccounts, 'patient or proxy is', 'patients or proxies are')} held up as well. You do not see who: when they call, the operator of the server lets them in again.`}{' '}
        Whoever signs in with a passkey, or on a device that they have used before, does not have to wait for
        what others try.
      </p>
    </>
  )
}

function whyOf(account: HeldAccount): string {
  if (account.isLocked) return 'Locked: the owner said in answer to a letter that it was somebody else'
  return account.until === null
    ? 'Shut for browsers that are not known, after too many failed tries'
    : `Has to wait until ${formatDateTimeForStaff(account.until)} in browsers that are not known`
}

function remedy(account: HeldAccount, action: Props['action']): ReactNode {
  if (account.isOwn) return 'Another administrator has to do this'
  if (account.isLocked)
    return <AppLink href={paths.adminPerson(account.accountId)}>See the person’s page</AppLink>
  return action(account)
}
