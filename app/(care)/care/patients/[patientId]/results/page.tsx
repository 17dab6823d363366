import type { Metadata } from 'next'
import { ChartResultsTable } from '#components/chart/chart-results-table.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { plural } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listChartResults } from '#lib/records/labs/list-chart-results.ts'
import { ChartFrame } from '../../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../../opened.ts'
import { single } from '../../../../../single.ts'

export const metadata: Metadata = { title: 'Results' }

type Props = {
  params: Promise<{ patientId: string }>
  searchParams: Promise<Partial<Record<'show' | 'after' | 'done', string | string[]>>>
}

/** Laboratory results of a chart: those that wait for review, or all. */
export default async function ChartResultsPage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const { show, done, ...query } = await searchParams
  const after = single(query.after)
  const waitingOnly = show === 'waiting'
  const view = openedOr404(await listChartResults(actor, patientId, { waitingOnly, cursor: after }))
  const here = paths.chartResults(patientId)
  const shown = waitingOnly ? 'waiting' : null
  return (
    <ChartFrame actor={actor} banner={view.banner} part="results">
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title={waitingOnly ? 'Results to review' : 'Results'}
        lead={
          view.waitingCount === 0
            ? 'Nothing waits for review.'
            : `${plural(view.waitingCount, 'result')}${view.waitingCount === 100 ? ' or more' : ''} to review.`
        }
        actions={
          waitingOnly ? (
            <LinkButton variant="secondary" href={here}>
              Show all results
            </LinkButton>
          ) : (
            view.waitingCount > 0 && (
              <LinkButton variant="secondary" href={withQuery(here, { show: 'waiting' })}>
                Show only those to review
              </LinkButton>
            )
          )
        }
      />
      <ChartResultsTable patientId={patientId} results={view.results} waitingOnly={waitingOnly} />
      <KeysetPager
        label="Results"
        newerHref={after ? withQuery(here, { show: shown }) : undefined}
        olderHref={view.next ? withQuery(here, { show: shown, after: view.next }) : undefined}
      />
    </ChartFrame>
  )
}
