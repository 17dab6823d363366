import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { openPatientTimeline } from '#lib/oversight/trail/open-timeline.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../../compliance-frame.tsx'
import { Timeline } from '../../../timeline.tsx'
import { single } from '../../../../../single.ts'

export const metadata: Metadata = { title: 'Accesses to one record' }

type Props = {
  params: Promise<{ logId: string }>
  searchParams: Promise<Partial<Record<'at' | 'month' | 'after', string | string[]>>>
}

/** Who touched one patient's record, month by month. The patient is named by an entry of the trail. */
export default async function PatientTimelinePage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { logId } = await params
  const query = await searchParams
  const [at, month, after] = [single(query.at), single(query.month), single(query.after)]
  const timeline =
    at === undefined ? null : await openPatientTimeline(actor, { logId, at }, { month, after: after ?? null })
  if (!timeline) notFound()
  return (
    <ComplianceFrame actor={actor} current="search">
      <PageHeader
        title={`Record ${timeline.subject}`}
        back={{ href: withQuery(paths.complianceEvent(logId), { at }), label: 'Audit entry' }}
        lead="Who opened, changed or was refused this record. Opening this page is recorded too."
      />
      <Timeline
        timeline={timeline}
        href={(changes) => withQuery(paths.compliancePatient(logId), { at, ...changes })}
        empty="Nobody touched this record in this month."
      />
    </ComplianceFrame>
  )
}
