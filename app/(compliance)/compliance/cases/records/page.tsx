import type { Metadata } from 'next'
import { dayText } from '#components/watching/case-table.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { listTrailActors } from '#lib/oversight/trail/list-actors.ts'
import { openMarks } from '#lib/oversight/watching/open-marks.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { EndMarkForm } from './end-mark-form.tsx'
import { MarkForm } from './mark-form.tsx'
import { wordFor } from '../../../../word-for.ts'

export const metadata: Metadata = { title: 'Marked records' }

const done: Readonly<Record<string, string>> = {
  marked: 'The record was marked.',
  ended: 'The mark was ended.',
}

/** Records of colleagues and of people who draw curiosity, and who opened their own record with their staff login. */
export default async function MarkedRecordsPage({
  searchParams,
}: {
  searchParams: Promise<{ done?: string | string[] }>
}) {
  const actor = await requireActor('compliance')
  const [{ marks, own }, people, asks, given] = await Promise.all([
    openMarks(actor),
    listTrailActors(actor),
    factorsToAskFor(actor),
    searchParams,
  ])
  const staff = people
    .filter(({ role }) => role !== 'service')
    .map(({ accountId, name }) => ({ value: accountId, label: name }))
  return (
    <ComplianceFrame actor={actor} current="cases">
      <PageHeader
        title="Marked records"
        back={{ href: paths.complianceCases, label: 'Cases' }}
        lead="Staff are patients too. A mark lets the watching tell a colleague’s record from any other; it locks nothing."
      />
      <PageStatus>{wordFor(given.done, done)}</PageStatus>
      <div className="grid items-start gap-(--gap) lg:grid-cols-[2fr_1fr]">
        <div className="grid gap-(--gap)">
          <DataTable
            caption="Marks that hold"
            rows={marks}
            rowKey={({ id }) => id}
            empty={<EmptyState>No record is marked.</EmptyState>}
            columns={[
              {
                key: 'record',
                header: 'Record',
                rowHeader: true,
                nowrap: true,
                cell: (mark) => mark.patientReference,
              },
              {
                key: 'kind',
                header: 'Mark',
                cell: ({ kind, accountName }) =>
                  kind === 'STAFF' ? `Own record of ${accountName ?? 'a colleague'}` : 'Confidential',
              },
              {
                key: 'noted',
                header: 'Noted',
                cell: ({ notedAt, notedBy }) => `${formatDateForStaff(notedAt)}, ${notedBy}`,
              },
              {
                key: 'end',
                header: 'End',
                cell: ({ id, patientReference }) => (
                  <EndMarkForm markId={id} patientReference={patientReference} />
                ),
              },
            ]}
          />
          <Section title="Own records opened by staff">
            <DataTable
              caption="In the last 90 days, with a staff login"
              rows={own}
              rowKey={({ name, day }) => `${name} ${day}`}
              empty={<EmptyState>Nobody whose record is marked opened it with their staff login.</EmptyState>}
              columns={[
                { key: 'day', header: 'Day (UTC)', nowrap: true, cell: ({ day }) => dayText(day) },
                {
                  key: 'who',
                  header: 'Who',
                  rowHeader: true,
                  cell: ({ name, title }) => `${name}, ${title}`,
                },
                { key: 'accesses', header: 'Accesses', align: 'end', cell: ({ accesses }) => accesses },
                { key: 'changes', header: 'Changes', align: 'end', cell: ({ changes }) => changes },
              ]}
            />
          </Section>
        </div>
        <Card title="Mark a record">
          <MarkForm staff={staff} asks={asks} />
        </Card>
      </div>
    </ComplianceFrame>
  )
}
