import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { listAccountings } from '#lib/oversight/disclosures/list-accountings.ts'
import type { QueuedAccountingView } from '#lib/oversight/disclosures/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { FinderForm } from './finder-form.tsx'

export const metadata: Metadata = { title: 'Disclosures' }

/** Requests for an accounting of disclosures, and the way to a patient's ledger. */
export default async function DisclosuresPage() {
  const actor = await requireActor('compliance')
  const [waiting, provided] = await Promise.all([listAccountings(actor, false), listAccountings(actor, true)])
  return (
    <ComplianceFrame actor={actor} current="disclosures">
      <PageHeader
        title="Disclosures"
        lead="What left the clinic outside of treatment, payment and operations (45 CFR 164.528)."
      />
      <Card title="A patient’s ledger">
        <p className="mb-4 text-muted">
          Record a disclosure, put one right, or write the accounting. The search is recorded; you see a
          reference, not a name.
        </p>
        <FinderForm />
      </Card>
      <Section title="Requests that wait">
        <Queue
          caption="Requests for an accounting, those due first"
          rows={waiting}
          empty="No patient waits for an accounting."
        />
      </Section>
      <Section title="Answered">
        <Queue caption="Answered requests, newest first" rows={provided} empty="None was given yet." />
      </Section>
    </ComplianceFrame>
  )
}

function Queue({ caption, rows, empty }: { caption: string; rows: QueuedAccountingView[]; empty: string }) {
  return (
    <DataTable
      caption={caption}
      captionHidden
      rows={rows}
      rowKey={(row) => row.id}
      empty={<EmptyState>{empty}</EmptyState>}
      columns={[
        {
          key: 'patient',
          header: 'Patient',
          rowHeader: true,
          nowrap: true,
          cell: (row) => (
            <AppLink href={paths.complianceLedger(row.patientId)}>
              {row.patientReference}
              <span className="sr-only">, asked {formatDateForStaff(row.requestedAt)}</span>
            </AppLink>
          ),
        },
        { key: 'asked', header: 'Asked', nowrap: true, cell: (row) => formatDateForStaff(row.requestedAt) },
        { key: 'due', header: 'Due', nowrap: true, cell: (row) => formatDateForStaff(row.dueAt) },
        {
          key: 'status',
          header: 'Status',
          cell: (row) => (
            <span className="flex flex-wrap gap-2">
              {row.status === 'provided' ? (
                <Tag tone="ok">Given</Tag>
              ) : (
                <Tag tone="info">{row.status === 'open' ? 'Open' : 'Extended'}</Tag>
              )}
              {row.isOverdue && <Tag tone="bad">Overdue</Tag>}
            </span>
          ),
        },
      ]}
    />
  )
}
