import type { Metadata } from 'next'
import { ActivityChart } from '#components/audit/activity-chart.tsx'
import { SealNote } from '#components/audit/seal-note.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { TaskList } from '#components/ui/task-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { openSeal } from '#lib/oversight/seal/open-seal.ts'
import { emptyQuestion, zoneOptions } from '#lib/oversight/trail/form-options.ts'
import { openClinicActivity } from '#lib/oversight/trail/open-activity.ts'
import { ComplianceFrame } from '../compliance-frame.tsx'
import { openAttention } from './attention/attention.ts'
import { QuestionForm } from './question-form.tsx'

export const metadata: Metadata = { title: 'Compliance overview' }

/** The compliance officer's first page: the question that is asked most, and what waits for an answer. */
export default async function ComplianceOverviewPage() {
  const actor = await requireActor('compliance')
  const [seal, attention, activity] = await Promise.all([
    openSeal(),
    openAttention(actor),
    openClinicActivity(actor),
  ])
  return (
    <ComplianceFrame actor={actor} current="overview">
      <PageHeader
        title="Overview"
        lead="Every search is recorded too. Patients appear under a reference, not by name."
      />
      <QuestionForm initial={emptyQuestion()} zones={zoneOptions} />
      <Section title="Needs your attention">
        {attention.length === 0 ? (
          <EmptyState>Nothing waits for you.</EmptyState>
        ) : (
          <TaskList tasks={attention} />
        )}
      </Section>
      {activity && <ActivityChart activity={activity} title="The last two weeks" zone={clinic.timeZone} />}
      <SealNote seal={seal} zone={clinic.timeZone} />
    </ComplianceFrame>
  )
}
