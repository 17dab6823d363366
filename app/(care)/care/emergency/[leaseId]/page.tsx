import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { LeaseEntries } from '#components/break-glass/lease-entries.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { readMyBreakGlass } from '#lib/oversight/break-glass/my-break-glass.ts'
import { paths } from '#lib/paths.ts'
import { CareFrame } from '../../../care-frame.tsx'
import { idOr404 } from '../../../opened.ts'
import { AnswerForm } from './answer-form.tsx'

export const metadata: Metadata = { title: 'One emergency access' }

/** One of a person's own emergency accesses, with what compliance asks about it. */
export default async function MyEmergencyAccessPage({ params }: { params: Promise<{ leaseId: string }> }) {
  const actor = await requireActor('care')
  const lease = await readMyBreakGlass(actor, idOr404((await params).leaseId))
  if (!lease) notFound()
  return (
    <CareFrame actor={actor} current="emergency">
      <PageHeader
        title="One emergency access"
        back={{ href: paths.careEmergency, label: 'Emergency access' }}
        lead={`Opened ${formatDateTimeForStaff(lease.openedAt)}`}
      />
      <Card>
        <SummaryList
          items={[
            { label: 'Reason', value: lease.reason },
            {
              label: 'Ended',
              value: lease.endedAt === null ? 'Still open' : formatDateTimeForStaff(lease.endedAt),
            },
            { label: 'State', value: <Tag tone={lease.tone}>{lease.state}</Tag> },
          ]}
        />
      </Card>
      {lease.entries.length > 0 && (
        <Section title="Questions and answers">
          <LeaseEntries entries={lease.entries} />
        </Section>
      )}
      {lease.asks && (
        <Card title="Your answer" icon="notebook-pen">
          <AnswerForm leaseId={lease.id} />
        </Card>
      )}
    </CareFrame>
  )
}
