import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors } from '#lib/auth/second-factors.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { emptyFind, openFind } from '#lib/oversight/break-glass/find-for-emergency.ts'
import { listMyBreakGlass } from '#lib/oversight/break-glass/my-break-glass.ts'
import type { FoundView, MyLeaseView } from '#lib/oversight/break-glass/view.ts'
import { reasonOptions } from '#lib/oversight/break-glass/words.ts'
import { paths } from '#lib/paths.ts'
import { BreakGlassForm } from '../../break-glass-form.tsx'
import { CareFrame } from '../../care-frame.tsx'
import { EmergencyFindForm } from './find-form.tsx'
import { wordFor } from '../../../word-for.ts'
import { single } from '../../../single.ts'

export const metadata: Metadata = { title: 'Emergency access' }

const done: Readonly<Record<string, string>> = {
  ended: 'Emergency access has ended. You cannot open this record any more.',
  answered: 'Your answer was sent to compliance.',
}

type Props = { searchParams: Promise<{ find?: string | string[]; done?: string | string[] }> }

/** Opening the record of somebody whom one does not care for: what it means, finding the patient, and why. */
export default async function EmergencyPage({ searchParams }: Props) {
  const actor = await requireActor('care')
  const { done: what, ...query } = await searchParams
  const find = single(query.find)
  const found = find ? await openFind(actor, find) : null
  const mine = await listMyBreakGlass(actor)
  return (
    <CareFrame actor={actor} current="emergency">
      <PageStatus>{wordFor(what, done)}</PageStatus>
      <PageHeader
        title="Emergency access"
        lead="For a patient whom you do not care for, when their own team cannot be reached in time."
      />
      <Notice tone="emergency" title="What happens when you break the glass">
        <ul className="list-disc space-y-1 pl-5">
          <li>One record opens, for 60 minutes. There is no extension: you break the glass again.</li>
          <li>Compliance, whoever leads the patient’s care, and the patient are told at once.</li>
          <li>Everything you open is recorded as an emergency, and somebody else reviews it.</li>
        </ul>
      </Notice>
      {found?.kind === 'found' ? (
        <Card title={`Open the record of ${found.typed}`} icon="lock" tone="emergency">
          <BreakGlassForm
            patientId={found.patientId}
            kind="PATIENT"
            reasons={reasonOptions}
            cancelHref={paths.care}
            submit="Open this record"
            asks={await mySecondFactors(actor)}
          />
        </Card>
      ) : (
        <>
          {found && <NotFound kind={found.kind} />}
          <EmergencyFindForm initial={emptyFind} />
        </>
      )}
      <Section title="Your emergency accesses">
        <MyLeases leases={mine} />
      </Section>
    </CareFrame>
  )
}

function NotFound({ kind }: { kind: Exclude<FoundView['kind'], 'found'> }) {
  if (kind === 'several')
    return (
      <Notice tone="warn" title="More than one patient fits">
        Use the MRN: nothing of a record is shown here by which you could tell them apart.
      </Notice>
    )
  if (kind === 'too-many-searches')
    return (
      <Notice tone="warn" title="Too many searches">
        You have searched twenty times in an hour. Call the patient’s team or compliance.
      </Notice>
    )
  if (kind === 'expired')
    return <Notice title="This search is no longer kept">Find the patient again.</Notice>
  return (
    <Notice title="No patient fits">
      Check the spelling and the date. Names must be whole; accents and capitals do not matter.
    </Notice>
  )
}

function MyLeases({ leases }: { leases: readonly MyLeaseView[] }) {
  return (
    <DataTable
      caption="Your emergency accesses, newest first"
      captionHidden
      rows={leases}
      rowKey={({ id }) => id}
      empty={<EmptyState>You have never broken the glass.</EmptyState>}
      columns={[
        {
          key: 'opened',
          header: 'Opened',
          rowHeader: true,
          nowrap: true,
          cell: (lease) => (
            <AppLink href={paths.careEmergencyAccess(lease.id)}>
              {formatDateTimeForStaff(lease.openedAt)}
            </AppLink>
          ),
        },
        { key: 'reason', header: 'Reason', cell: ({ reason }) => reason },
        {
          key: 'state',
          header: 'State',
          cell: ({ state, tone }) => <Tag tone={tone}>{state}</Tag>,
        },
        {
          key: 'next',
          header: 'Next',
          cell: (lease) =>
            lease.isOpen ? (
              <AppLink href={paths.chart(lease.patientId)}>Open the chart</AppLink>
            ) : lease.asks ? (
              <AppLink href={paths.careEmergencyAccess(lease.id)}>Answer the question</AppLink>
            ) : (
              'Nothing'
            ),
        },
      ]}
    />
  )
}
