import type { Metadata } from 'next'
import { ChartSummary } from '#components/chart/chart-summary.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { openChart } from '#lib/records/chart/open-chart.ts'
import type { ChartView } from '#lib/records/chart/view.ts'
import { ChartFrame } from '../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../opened.ts'

export const metadata: Metadata = { title: 'Chart' }

type Props = { params: Promise<{ patientId: string }>; searchParams: Promise<{ done?: string | string[] }> }

/** A patient's chart at a glance. Addressed by an opaque id: whoever may not open it is told that there is none. */
export default async function ChartPage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const chart = openedOr404(await openChart(actor, patientId))
  const { done } = await searchParams
  return (
    <ChartFrame
      actor={actor}
      banner={chart.banner}
      part="summary"
      action={<LinkButton href={paths.chartVitals(patientId)}>Enter vitals</LinkButton>}
    >
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title="Summary"
        lead={`${lastVisit(chart.lastVisit)} Opened for treatment; the patient can see that you did.`}
      />
      <ChartSummary chart={chart} />
    </ChartFrame>
  )
}

function lastVisit(visit: ChartView['lastVisit']): string {
  if (!visit) return 'No visit is recorded.'
  return `Last visit ${[formatDateForStaff(visit.at), visit.name, visit.practitioner].filter(Boolean).join(', ')}.`
}
