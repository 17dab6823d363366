import type { Metadata } from 'next'
import { TrendFigure } from '#components/labs/trend-figure.tsx'
import { ResultPanel } from '#components/my-record/result-panel.tsx'
import { ResultReview } from '#components/my-record/result-review.tsx'
import { statusPhrase } from '#components/my-record/status-words.ts'
import { PrintHeader } from '#components/shell/print-header.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { now } from '#lib/clock.ts'
import { formatDateForPatient, formatDateTimeForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { readResult } from '#lib/records/my-record/read-result.ts'
import { openRecord, shown } from '../../open-record.ts'
import { PatientFrame } from '../../patient-frame.tsx'
import { requireRecordId } from '../../record-id.ts'

export const metadata: Metadata = { title: 'Test result' }

type Props = { params: Promise<{ resultId: string }> }

/** One result: the value, its range, whether somebody has looked at it, and the same test over time. */
export default async function ResultPage({ params }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'results')
  const resultId = requireRecordId((await params).resultId)
  const view = shown(await readResult(actor, record.patientId, resultId))
  const { result, whose } = view
  const isOwn = record.kind === 'self'
  return (
    <PatientFrame current="results" record={record} whose={whose} width="reading">
      <PrintHeader
        patientName={whose.name}
        birthDate={whose.birthDate && formatDateForPatient(whose.birthDate)}
        printedAt={formatDateTimeForPatient(now().toISOString())}
      />
      <PageHeader
        title={result.name}
        back={{ href: paths.results, label: 'Test results' }}
        lead={
          <>
            {result.plainName && <span className="block text-ink">{result.plainName}</span>}
            <span className="block">
              {[
                `Collected ${formatDateTimeForPatient(result.collectedAt)}`,
                result.performer,
                statusPhrase(result.status),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </>
        }
      />
      <ResultReview result={result} isOwn={isOwn} />
      <ResultPanel result={result} isOwn={isOwn} />
      {(result.comment ?? result.conclusion) && (
        <Card title="Comments">
          <div className="space-y-3">
            {[result.comment, result.conclusion].map(
              (text) =>
                text && (
                  <p key={text} className="whitespace-pre-line">
                    {text}
                  </p>
                ),
            )}
          </div>
        </Card>
      )}
      <Section title="Over time">
        {view.newerId && (
          <p>
            This is not the newest one.{' '}
            <AppLink href={paths.result(view.newerId)}>Open the newest result of this test</AppLink>
          </p>
        )}
        <TrendFigure name={result.name} series={[{ name: result.name, points: view.trend }]} />
      </Section>
      <ButtonRow>
        <PrintButton />
      </ButtonRow>
    </PatientFrame>
  )
}
