import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { openActorTimeline } from '#lib/oversight/trail/open-timeline.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { Timeline } from '../../timeline.tsx'
import { single } from '../../../../single.ts'

export const metadata: Metadata = { title: 'What one person did' }

type Props = {
  params: Promise<{ accountId: string }>
  searchParams: Promise<{ month?: string | string[]; after?: string | string[] }>
}

/** What one person did to records, month by month. */
export default async function PersonTimelinePage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { accountId } = await params
  const { month, after } = await searchParams
  const timeline = await openActorTimeline(actor, accountId, {
    month: single(month),
    after: single(after) ?? null,
  })
  if (!timeline) notFound()
  return (
    <ComplianceFrame actor={actor} current="search">
      <PageHeader
        title={timeline.subject}
        back={{ href: paths.complianceSearch, label: 'Audit search' }}
        lead="What this person opened, changed or was refused. Opening this page is recorded too."
      />
      <Timeline
        timeline={timeline}
        href={(changes) => withQuery(paths.compliancePerson(accountId), changes)}
        empty="This person touched no record in this month."
      />
    </ComplianceFrame>
  )
}
