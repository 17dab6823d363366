import type { Metadata } from 'next'
import { forbidden } from 'next/navigation'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatMoney } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listAccounts } from '#lib/records/billing/list-accounts.ts'
import { BillingFrame } from '../billing-frame.tsx'
import { single } from '../../single.ts'

export const metadata: Metadata = { title: 'Work queue' }

type Props = { searchParams: Promise<{ after?: string | string[] }> }

/** Accounts with claims, the newest claim first. */
export default async function WorkQueuePage({ searchParams }: Props) {
  const actor = await requireActor('billing')
  const after = single((await searchParams).after)
  const outcome = await listAccounts(actor, after)
  if (outcome.kind === 'denied') forbidden()
  const { rows, next } = outcome.value
  return (
    <BillingFrame actor={actor}>
      <PageHeader
        title="Work queue"
        lead="Accounts with claims, the newest claim first. Opening this list is recorded for each patient on it."
      />
      <DataTable
        caption="Accounts"
        captionHidden
        columns={[
          {
            key: 'account',
            header: 'Account',
            rowHeader: true,
            cell: (row) => (
              <>
                <AppLink href={paths.billingAccount(row.patientId)} className="font-semibold">
                  {row.name}
                </AppLink>
                <span className="block text-sm text-muted">
                  {row.birthDate === null ? 'Birth date not recorded' : `Born ${row.birthDate}`}
                  {row.mrn !== null && ` · MRN ${row.mrn.length > 12 ? `…${row.mrn.slice(-8)}` : row.mrn}`}
                </span>
              </>
            ),
          },
          {
            key: 'newest',
            header: 'Newest claim',
            nowrap: true,
            cell: (row) => (row.newestClaimAt === null ? 'Not dated' : formatDateForStaff(row.newestClaimAt)),
          },
          { key: 'open', header: 'Open claims', align: 'end', cell: (row) => row.openClaims },
          {
            key: 'charged',
            header: 'Charged',
            align: 'end',
            cell: (row) => formatMoney(row.balance.chargedCents),
          },
          {
            key: 'pending',
            header: 'With the insurer',
            align: 'end',
            cell: (row) => formatMoney(row.balance.pendingCents),
          },
          {
            key: 'owed',
            header: 'Patient owes',
            align: 'end',
            cell: (row) => <strong>{formatMoney(row.balance.owedCents)}</strong>,
          },
        ]}
        rows={rows}
        rowKey={(row) => row.patientId}
        empty={<EmptyState>No account has a claim yet. Claims arrive with imported visits.</EmptyState>}
      />
      <KeysetPager
        label="Pages of accounts"
        newerHref={after === undefined ? undefined : paths.billing}
        olderHref={next === null ? undefined : withQuery(paths.billing, { after: next })}
      />
    </BillingFrame>
  )
}
