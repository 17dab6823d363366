import type { Metadata } from 'next'
import { ResultState } from '#components/chart/chart-results-table.tsx'
import { RangeBar } from '#components/labs/range-bar.tsx'
import { rangeInWords } from '#components/labs/position.ts'
import { ResultFlag } from '#components/labs/result-flag.tsx'
import { TrendFigure } from '#components/labs/trend-figure.tsx'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { nameStaff } from '#lib/accounts/name-staff.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff, formatStaleness } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { openChartResult } from '#lib/records/labs/open-chart-result.ts'
import type { ChartResultDetailView, ChartResultView } from '#lib/records/labs/view.ts'
import { ChartFrame } from '../../../../../care-frame.tsx'
import { idOr404, openedOr404 } from '../../../../../opened.ts'
import { markReviewedAction } from './actions.ts'
import { ReviewForm } from './review-form.tsx'

export const metadata: Metadata = { title: 'Result' }

type Props = { params: Promise<{ patientId: string; resultId: string }> }

/** One result with its range and its trend, and the place to say that somebody looked at it. */
export default async function ChartResultPage({ params }: Props) {
  const actor = await requireActor()
  const given = await params
  const patientId = idOr404(given.patientId)
  const view = openedOr404(await openChartResult(actor, patientId, idOr404(given.resultId)))
  const { result } = view
  const isVoid = result.status === 'cancelled' || result.status === 'entered-in-error'
  return (
    <ChartFrame actor={actor} banner={view.banner} part="results">
      <PageHeader
        title={result.name}
        lead={[result.reportName, formatStaleness(result.collectedAt, view.readAt)]
          .filter(Boolean)
          .join(', ')}
        back={{ href: paths.chartResults(patientId), label: 'Results' }}
      />
      <Correction result={result} />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Card title="Result" aside={<ResultState result={result} />}>
          <Facts result={result} />
        </Card>
        <Card title="Review">
          {isVoid ? (
            <p className="text-muted">This result does not count and needs no review.</p>
          ) : result.reviewedAt ? (
            <Reviewed result={result} />
          ) : (
            <ReviewForm
              action={markReviewedAction.bind(null, patientId, result.id)}
              isCritical={result.flag === 'critical-high' || result.flag === 'critical-low'}
            />
          )}
        </Card>
      </div>
      <Section title="Trend">
        <TrendFigure
          name={result.name}
          audience="staff"
          series={[{ name: result.name, points: view.trend }]}
          summary={trendSummary(view)}
        />
      </Section>
    </ChartFrame>
  )
}

function Correction({ result }: { result: ChartResultView }) {
  if (result.status !== 'corrected' && result.status !== 'amended') return null
  return (
    <Notice tone="warn" title="The laboratory corrected this result">
      {[
        result.correctedAt && `Corrected ${formatDateTimeForStaff(result.correctedAt)}.`,
        result.previousValue && `It was ${result.previousValue} before.`,
      ]
        .filter(Boolean)
        .join(' ') || 'The value below is the corrected one.'}
    </Notice>
  )
}

function Facts({ result }: { result: ChartResultView }) {
  const { value, valueNumber, unit, low, high, flag } = result
  return (
    <div className="space-y-4">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="text-2xl font-semibold tabular">{value}</span>
        {unit && <span className="text-muted">{unit}</span>}
        <ResultFlag flag={flag} wording="staff" />
      </p>
      <RangeBar {...{ value, valueNumber, unit, low, high, flag }} valueLabel="Result" />
      <SummaryList
        items={[
          { label: 'Range', value: rangeInWords(low, high) ?? result.rangeText ?? 'Not given' },
          {
            label: 'Before',
            value: result.before
              ? `${result.before.value}, ${formatDateTimeForStaff(result.before.collectedAt)}`
              : 'None',
          },
          { label: 'Collected', value: formatDateTimeForStaff(result.collectedAt) },
          { label: 'Reported', value: result.issuedAt && formatDateTimeForStaff(result.issuedAt) },
          { label: 'Laboratory', value: result.performer },
        ]}
      />
    </div>
  )
}

async function Reviewed({ result }: { result: ChartResultView }) {
  const names = await nameStaff(result.reviewedBy ? [result.reviewedBy] : [])
  const who = names.get(result.reviewedBy ?? '') ?? 'Somebody who no longer works here'
  return (
    <SummaryList
      items={[
        { label: 'Reviewed by', value: who },
        { label: 'When', value: result.reviewedAt && formatDateTimeForStaff(result.reviewedAt) },
        {
          label: 'Comment',
          value: result.comment && <span className="whitespace-pre-line">{result.comment}</span>,
        },
      ]}
    />
  )
}

function trendSummary({ result, trend }: ChartResultDetailView): string {
  if (trend.length < 2) return 'There is no earlier result of this test.'
  const span = trend.at(-1)?.collectedAt
  const since = span ? ` since ${formatDateTimeForStaff(span).slice(0, 10)}` : ''
  const before = result.before ? ` This one is ${result.value}, the one before ${result.before.value}.` : ''
  return `${trend.length} results${since}.${before}`
}
