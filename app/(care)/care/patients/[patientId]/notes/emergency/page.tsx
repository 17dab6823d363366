import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors } from '#lib/auth/second-factors.ts'
import { reasonOptions } from '#lib/oversight/break-glass/words.ts'
import { paths } from '#lib/paths.ts'
import { listNotes } from '#lib/records/notes/list-notes.ts'
import { BreakGlassForm } from '../../../../../break-glass-form.tsx'
import { ChartFrame } from '../../../../../care-frame.tsx'
import { idOr404, openedOr404 } from '../../../../../opened.ts'

export const metadata: Metadata = { title: 'Open confidential notes' }

/** A nurse's way to mental-health and substance-use notes of one patient, for an hour. Other roles have no such page. */
export default async function ConfidentialNotesPage({ params }: { params: Promise<{ patientId: string }> }) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  if (actor.role !== 'nurse') notFound()
  const { banner } = openedOr404(await listNotes(actor, patientId))
  return (
    <ChartFrame actor={actor} banner={banner} part="notes">
      <PageHeader
        title="Open confidential notes"
        back={{ href: paths.chartNotes(patientId), label: 'Notes' }}
        lead="Mental-health and substance-use notes, which nurses do not read otherwise."
      />
      <Notice tone="emergency" title="What happens when you break the glass">
        <ul className="list-disc space-y-1 pl-5">
          <li>These notes of this patient open for 60 minutes. Psychotherapy notes stay closed.</li>
          <li>Compliance, whoever leads the patient’s care, and the patient are told at once.</li>
          <li>What you open is recorded as an emergency, and somebody else reviews it.</li>
        </ul>
      </Notice>
      <Card title="Why" icon="lock" tone="emergency">
        <BreakGlassForm
          patientId={patientId}
          kind="SCOPE"
          reasons={reasonOptions}
          cancelHref={paths.chartNotes(patientId)}
          submit="Open these notes"
          asks={await mySecondFactors(actor)}
        />
      </Card>
    </ChartFrame>
  )
}
