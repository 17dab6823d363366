import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { listBreakGlass } from '#lib/oversight/break-glass/list-break-glass.ts'
import type { LeaseView } from '#lib/oversight/break-glass/view.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { wordFor } from '../../../word-for.ts'

export const metadata: Metadata = { title: 'Break-glass' }

const done: Readonly<Record<string, string>> = {
  JUSTIFIED: 'The emergency access is closed as justified.',
  NEEDS_INFO: 'Your question was sent.',
  UNJUSTIFIED: 'Noted. Another compliance officer has to confirm it.',
  CONFIRMED: 'Confirmed as not justified. An incident was opened.',
  DISPUTED: 'The emergency access is back in the queue.',
  revoked: 'The emergency access was stopped. It has to be reviewed now.',
}

type Props = { searchParams: Promise<{ show?: string | string[]; done?: string | string[] }> }

/** Every emergency access, the one whose review is due first on top. */
export default async function BreakGlassPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { show, done: what } = await searchParams
  const closed = show === 'closed'
  const leases = await listBreakGlass(actor, closed)
  return (
    <ComplianceFrame actor={actor} current="break-glass">
      <PageStatus>{wordFor(what, done)}</PageStatus>
      <PageHeader
        title="Break-glass"
        lead={
          closed ? (
            <>
              Emergency accesses that were decided.{' '}
              <AppLink href={paths.complianceBreakGlass}>Show those that wait</AppLink>
            </>
          ) : (
            <>
              Emergency accesses that wait for a review, due within one business day.{' '}
              <AppLink href={withQuery(paths.complianceBreakGlass, { show: 'closed' })}>
                Show those that were decided
              </AppLink>
            </>
          )
        }
      />
      <DataTable
        caption={
          closed
            ? 'Decided emergency accesses, newest first'
            : 'Emergency accesses to review, most urgent first'
        }
        captionHidden
        rows={leases}
        rowKey={({ id }) => id}
        empty={
          <EmptyState>
            {closed ? 'None was decided yet.' : 'No emergency access waits for a review.'}
          </EmptyState>
        }
        columns={[
          {
            key: 'opened',
            header: 'Opened',
            rowHeader: true,
            nowrap: true,
            cell: (lease: LeaseView) => (
              <AppLink href={paths.complianceLease(lease.id)}>
                {formatDateTimeForStaff(lease.openedAt)}
              </AppLink>
            ),
          },
          {
            key: 'who',
            header: 'Who',
            cell: (lease) => (
              <>
                <span className="font-semibold">{lease.actorName}</span>
                <span className="block text-sm text-muted">{lease.actorTitle}</span>
              </>
            ),
          },
          {
            key: 'patient',
            header: 'Patient',
            nowrap: true,
            cell: ({ patientReference }) => patientReference,
          },
          {
            key: 'why',
            header: 'What and why',
            cell: (lease) => (
              <>
                {lease.reason}
                <span className="block text-sm text-muted">{lease.kind}</span>
              </>
            ),
          },
          { key: 'accesses', header: 'Entries', align: 'end', cell: ({ accesses }) => accesses },
          { key: 'state', header: 'State', cell: ({ state, tone }) => <Tag tone={tone}>{state}</Tag> },
          {
            key: 'due',
            header: 'Review due',
            cell: (lease) => (
              <span className="inline-flex flex-wrap items-center gap-2">
                {formatDateTimeForStaff(lease.dueAt)}
                {lease.isOverdue && <Tag tone="bad">Overdue</Tag>}
              </span>
            ),
          },
        ]}
      />
    </ComplianceFrame>
  )
}
