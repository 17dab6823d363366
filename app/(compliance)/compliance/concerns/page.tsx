import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatDateTimeForStaff } from '#lib/format.ts'
import { listConcerns } from '#lib/oversight/concerns/list-concerns.ts'
import type { QueuedConcernView } from '#lib/oversight/concerns/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'

export const metadata: Metadata = { title: 'Concerns' }

/** What patients reported about accesses: those that wait, and those that were answered. */
export default async function ConcernsPage() {
  const actor = await requireActor('compliance')
  const [waiting, answered] = await Promise.all([listConcerns(actor, false), listConcerns(actor, true)])
  return (
    <ComplianceFrame actor={actor} current="concerns">
      <PageHeader
        title="Concerns"
        lead="Accesses that patients did not recognize. A concern about yourself is not listed: a colleague answers it."
      />
      <Section title="Waiting for an answer">
        <Queue
          caption="Concerns that wait, those due first"
          rows={waiting}
          empty="No patient waits for an answer."
        />
      </Section>
      <Section title="Answered">
        <Queue caption="Answered concerns, newest first" rows={answered} empty="None was answered yet." />
      </Section>
    </ComplianceFrame>
  )
}

function Queue({ caption, rows, empty }: { caption: string; rows: QueuedConcernView[]; empty: string }) {
  return (
    <DataTable
      caption={caption}
      captionHidden
      rows={rows}
      rowKey={(row) => row.id}
      empty={<EmptyState>{empty}</EmptyState>}
      columns={[
        {
          key: 'reported',
          header: 'Reported',
          rowHeader: true,
          nowrap: true,
          cell: (row) => (
            <AppLink href={paths.complianceConcern(row.patientId, row.id)}>
              {formatDateTimeForStaff(row.reportedAt)}
            </AppLink>
          ),
        },
        { key: 'patient', header: 'Patient', nowrap: true, cell: (row) => row.patientReference },
        { key: 'due', header: 'Due', nowrap: true, cell: (row) => formatDateForStaff(row.dueAt) },
        { key: 'status', header: 'Status', cell: (row) => <Status row={row} /> },
      ]}
    />
  )
}

function Status({ row }: { row: QueuedConcernView }) {
  if (row.status === 'answered') return <Tag tone="ok">Answered</Tag>
  return (
    <span className="flex flex-wrap gap-2">
      <Tag tone="info">{row.status === 'open' ? 'New' : 'In hand'}</Tag>
      {row.isOverdue && <Tag tone="bad">Overdue</Tag>}
    </span>
  )
}
