import type { Metadata } from 'next'
import { groupByMonth } from '#components/my-record/group-by-month.ts'
import { ResultList } from '#components/my-record/result-list.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FilterForm } from '#components/ui/filter-form.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { Select } from '#components/ui/select.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listResults } from '#lib/records/my-record/list-results.ts'
import { readResultsFilter, type ResultsFilter } from '#lib/records/my-record/results-filter.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'
import { single } from '../../single.ts'

export const metadata: Metadata = { title: 'Test results' }

type Props = { searchParams: Promise<Partial<Record<'period' | 'range' | 'after', string | string[]>>> }

/** All laboratory results, newest first, under their months. */
export default async function ResultsPage({ searchParams }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'results')
  const query = await searchParams
  const filter = readResultsFilter({ period: single(query.period), range: single(query.range) })
  const cursor = single(query.after)
  const view = shown(await listResults(actor, record.patientId, { ...filter, cursor }))
  return (
    <PatientFrame current="results" record={record} whose={view.whose}>
      <PageHeader
        title="Test results"
        lead="Results show here as soon as the lab sends them, often before your care team has seen them."
      />
      <Filter filter={filter} />
      {view.results.length === 0 && <Nothing filter={filter} />}
      {groupByMonth(view.results, (row) => row.collectedAt).map((month) => (
        <Section key={month.key} title={month.heading}>
          <ResultList results={month.rows} />
        </Section>
      ))}
      <KeysetPager
        label="Test results"
        newestHref={cursor === undefined ? undefined : address(filter)}
        olderHref={view.next === null ? undefined : address(filter, view.next)}
      />
    </PatientFrame>
  )
}

function Filter({ filter }: { filter: ResultsFilter }) {
  return (
    <FilterForm
      label="Filter test results"
      action={paths.results}
      actions={
        <>
          <Button type="submit" variant="secondary">
            Apply
          </Button>
          {isNarrowed(filter) && (
            <LinkButton href={paths.results} variant="quiet">
              Show all
            </LinkButton>
          )}
        </>
      }
    >
      <Select
        name="period"
        label="Time"
        defaultValue={filter.period}
        options={[
          { value: 'all', label: 'All results' },
          { value: '12-months', label: 'Last 12 months' },
          { value: '3-months', label: 'Last 3 months' },
        ]}
      />
      <Select
        name="range"
        label="Usual range"
        defaultValue={filter.outOfRange ? 'out' : ''}
        options={[
          { value: '', label: 'In range or not' },
          { value: 'out', label: 'Out of range only' },
        ]}
      />
    </FilterForm>
  )
}

function Nothing({ filter }: { filter: ResultsFilter }) {
  return isNarrowed(filter) ? (
    <EmptyState>No result fits this choice. Choose a longer time, or show all.</EmptyState>
  ) : (
    <EmptyState>Results show here when the lab finishes a test. There are none yet.</EmptyState>
  )
}

function isNarrowed(filter: ResultsFilter): boolean {
  return filter.period !== 'all' || filter.outOfRange
}

function address({ period, outOfRange }: ResultsFilter, after?: string): string {
  return withQuery(paths.results, {
    period: period === 'all' ? null : period,
    range: outOfRange ? 'out' : null,
    after,
  })
}
