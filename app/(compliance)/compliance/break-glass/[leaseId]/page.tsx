import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { z } from 'zod'
import { LeaseEntries } from '#components/break-glass/lease-entries.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { formatAuditTimestamp, formatDateTimeForStaff } from '#lib/format.ts'
import { readBreakGlass } from '#lib/oversight/break-glass/read-break-glass.ts'
import type { LeaseDetailView } from '#lib/oversight/break-glass/view.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { revoke } from '../actions.ts'
import { ReviewForm } from './review-form.tsx'

export const metadata: Metadata = { title: 'One emergency access' }

/** One emergency access: who, why, what was opened under it, and what somebody else finds. */
export default async function LeasePage({ params }: { params: Promise<{ leaseId: string }> }) {
  const actor = await requireActor('compliance')
  const { leaseId } = await params
  const lease = z.uuid().safeParse(leaseId).success ? await readBreakGlass(actor, leaseId) : null
  if (!lease) notFound()
  const asks = await factorsToAskFor(actor)
  return (
    <ComplianceFrame actor={actor} current="break-glass">
      <PageHeader
        title="One emergency access"
        back={{ href: paths.complianceBreakGlass, label: 'Break-glass' }}
        lead={`${lease.actorName} · ${formatDateTimeForStaff(lease.openedAt)}`}
        actions={
          lease.can.revoke && (
            <form action={revoke}>
              <input type="hidden" name="lease" value={lease.id} />
              <SubmitButton variant="danger" pendingText="Stopping…">
                Stop this access
              </SubmitButton>
            </form>
          )
        }
      />
      <Facts lease={lease} />
      <Section title="What was opened">
        <Opened lease={lease} />
      </Section>
      {lease.entries.length > 0 && (
        <Section title="What was said about it">
          <LeaseEntries entries={lease.entries} />
        </Section>
      )}
      {lease.can.decide && (
        <Card title="Your review" icon="clipboard-list">
          {!lease.can.ask && (
            <p className="mb-4">A question waits for its answer. You can decide without one.</p>
          )}
          <ReviewForm
            leaseId={lease.id}
            legend="What do you find?"
            options={lease.can.ask ? decisions : decisions.filter(({ value }) => value !== 'NEEDS_INFO')}
            asks={asks}
          />
        </Card>
      )}
      {lease.can.sign && (
        <Card title="Second signature" icon="clipboard-list">
          <ReviewForm
            leaseId={lease.id}
            legend="Do you agree that it was not justified?"
            options={signatures}
            asks={asks}
          />
        </Card>
      )}
      {lease.can.isFirstSigner && (
        <Notice title="A second signature is needed">
          You found this not justified. Another compliance officer has to confirm it; until then it stays
          open.
        </Notice>
      )}
      {lease.incidentId !== null && (
        <Notice tone="bad" title="An incident was opened">
          <AppLink href={paths.complianceIncident(lease.incidentId)}>Go to the incident</AppLink>
        </Notice>
      )}
    </ComplianceFrame>
  )
}

const decisions = [
  { value: 'JUSTIFIED', label: 'Justified', hint: 'Closes it.' },
  { value: 'NEEDS_INFO', label: 'I need to know more', hint: 'Your note goes to the person as a question.' },
  { value: 'UNJUSTIFIED', label: 'Not justified', hint: 'A second compliance officer has to confirm it.' },
] as const
const signatures = [
  { value: 'CONFIRMED', label: 'Yes, not justified', hint: 'Closes it and opens an incident.' },
  { value: 'DISPUTED', label: 'No', hint: 'Puts it back into the queue.' },
] as const

function Facts({ lease }: { lease: LeaseDetailView }) {
  return (
    <Card>
      <SummaryList
        items={[
          { label: 'Who', value: `${lease.actorName}, ${lease.actorTitle}` },
          { label: 'Patient', value: lease.patientReference },
          { label: 'What', value: lease.kind },
          { label: 'Reason', value: lease.reason },
          { label: 'In their own words', value: <span className="whitespace-pre-line">{lease.words}</span> },
          {
            label: 'Ended',
            value:
              lease.endedAt === null ? lease.how : `${formatDateTimeForStaff(lease.endedAt)}: ${lease.how}`,
          },
          { label: 'State', value: <Tag tone={lease.tone}>{lease.state}</Tag> },
          {
            label: 'Review due',
            value: (
              <span className="inline-flex flex-wrap items-center gap-2">
                {formatDateTimeForStaff(lease.dueAt)}
                {lease.isOverdue && <Tag tone="bad">Overdue</Tag>}
              </span>
            ),
          },
        ]}
      />
    </Card>
  )
}

function Opened({ lease }: { lease: LeaseDetailView }) {
  return (
    <>
      <DataTable
        caption="What was opened or changed, in order"
        captionHidden
        rows={lease.opened}
        rowKey={({ id }) => id}
        empty={<EmptyState>Nothing was opened.</EmptyState>}
        columns={[
          {
            key: 'at',
            header: 'Time',
            rowHeader: true,
            nowrap: true,
            cell: (access) => (
              <AppLink href={withQuery(paths.complianceEvent(access.id), { at: access.atExact })}>
                {formatAuditTimestamp(access.at).replace('T', ' ')}
              </AppLink>
            ),
          },
          { key: 'what', header: 'What', cell: ({ what }) => what },
          { key: 'part', header: 'Part', cell: ({ part }) => part },
          { key: 'fields', header: 'Kinds of entries', cell: ({ fields }) => fields || 'None' },
        ]}
      />
      {lease.isCut && (
        <p className="text-muted">
          No more than the first {lease.opened.length} entries are shown. The{' '}
          <AppLink href={paths.complianceSearch}>search</AppLink> for emergency accesses finds all.
        </p>
      )}
    </>
  )
}
