import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { VitalTrends } from '#components/vitals/vital-trends.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff, formatStaleness } from '#lib/format.ts'
import { listVitals } from '#lib/records/vitals/list-vitals.ts'
import { ChartFrame } from '../../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../../opened.ts'
import { recordVitalsAction, withdrawVitalAction } from './actions.ts'
import { RecentVitals } from './recent-vitals.tsx'
import { VitalsForm } from './vitals-form.tsx'

export const metadata: Metadata = { title: 'Vitals' }

type Props = { params: Promise<{ patientId: string }>; searchParams: Promise<{ done?: string | string[] }> }

/** Vital signs: the form to enter them, and how they went. */
export default async function VitalsPage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const view = openedOr404(await listVitals(actor, patientId))
  const { done } = await searchParams
  const [day = '', time = ''] = formatDateTimeForStaff(view.readAt).split(' ')
  return (
    <ChartFrame actor={actor} banner={view.banner} part="vitals">
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title="Vitals"
        lead={
          view.vitalsAt
            ? `Last taken ${formatStaleness(view.vitalsAt, view.readAt).replace(/ old$/, ' ago')}.`
            : 'None are recorded yet.'
        }
      />
      <div className="print:hidden">
        <Card title="Enter vitals">
          <VitalsForm
            action={recordVitalsAction.bind(null, patientId)}
            formKey={randomUUID()}
            day={day}
            time={time}
          />
        </Card>
      </div>
      <RecentVitals
        series={view.series}
        readAt={view.readAt}
        withdraw={withdrawVitalAction.bind(null, patientId)}
      />
      <Section title="Over time">
        {view.series.length === 0 ? (
          <EmptyState>Each measure gets its drawing and its numbers here once it was taken.</EmptyState>
        ) : (
          <VitalTrends series={view.series} readAt={view.readAt} />
        )}
      </Section>
    </ChartFrame>
  )
}
