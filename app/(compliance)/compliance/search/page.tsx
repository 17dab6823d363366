import type { Metadata } from 'next'
import { ArchivedNote } from '#components/audit/archived-note.tsx'
import { SealNote } from '#components/audit/seal-note.tsx'
import { Details } from '#components/ui/details.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { findArchivedMonths } from '#lib/oversight/retention/find-archived-months.ts'
import { openSeal } from '#lib/oversight/seal/open-seal.ts'
import { trailFormOptions } from '#lib/oversight/trail/form-options.ts'
import { listTrailActors } from '#lib/oversight/trail/list-actors.ts'
import { openTrailSearch } from '#lib/oversight/trail/open-trail-search.ts'
import { readOrder } from '#lib/oversight/trail/order.ts'
import { formatQuery } from '#lib/oversight/trail/query-text.ts'
import { listTrailViews } from '#lib/oversight/trail/saved-views.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { QueryForm } from './query-form.tsx'
import { SavedViews } from './saved-views.tsx'
import { SearchAnswer } from './search-answer.tsx'
import { TrailForm } from './trail-form.tsx'
import { single } from '../../../single.ts'

export const metadata: Metadata = { title: 'Audit search' }

type Query = Partial<Record<'search' | 'after' | 'sort' | 'direction' | 'view', string | string[]>>
type Props = { searchParams: Promise<Query> }

/** Every question that can be put to the trail. */
export default async function AuditSearchPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { view, ...query } = await searchParams
  const [search, after] = [single(query.search), single(query.after)]
  const order = readOrder({ sort: single(query.sort), direction: single(query.direction) })
  const actors = await listTrailActors(actor)
  const [views, result, seal] = await Promise.all([
    listTrailViews(actor, actors),
    openTrailSearch(actor, search ?? null, order, after ?? null),
    openSeal(),
  ])
  const archived = result.kind === 'answered' ? await findArchivedMonths(actor, result.from, result.to) : []
  const forms = (
    <>
      <TrailForm initial={result.form} options={trailFormOptions(actors)} />
      <QueryForm initial={search === undefined ? '' : formatQuery(result.form, actors)} />
    </>
  )
  return (
    <ComplianceFrame actor={actor} current="search">
      <PageHeader
        title="Audit search"
        lead="This search is recorded too. Patients appear under a reference, not by name."
      />
      {view === 'gone' && (
        <Notice tone="warn" title="This view is not there any more">
          It was removed, or is no longer shared with you. Nothing was changed.
        </Notice>
      )}
      {views.length > 0 && (
        <Details summary={`Saved views (${views.length})`} open={search === undefined}>
          <SavedViews views={views} />
        </Details>
      )}
      <Shortfall kind={result.kind} />
      {result.kind === 'answered' && search !== undefined ? (
        <>
          <Details summary="Change this search">{forms}</Details>
          <ArchivedNote months={archived} />
          <SearchAnswer result={result} search={search} order={order} />
        </>
      ) : (
        forms
      )}
      <SealNote seal={seal} zone={clinic.timeZone} />
    </ComplianceFrame>
  )
}

/** Why there is no answer, and what to do about it. */
function Shortfall({ kind }: { kind: string }) {
  if (kind === 'no-patient')
    return (
      <Notice title="No patient matches">
        The trail was not searched, because nobody in the records has this name, birth date or MRN. Names
        match whole words; accents and capitals do not matter.
      </Notice>
    )
  if (kind === 'too-many')
    return (
      <Notice tone="warn" title="More than 20 patients match">
        Add a given name or the birth date, or use the MRN.
      </Notice>
    )
  if (kind === 'too-long-to-sort')
    return (
      <Notice tone="warn" title="This period is too long for that order">
        Within 31 days the entries can be sorted by everything, beyond that by time alone. Shorten the period,
        or sort by time.
      </Notice>
    )
  if (kind === 'expired')
    return (
      <Notice title="This search is no longer kept">
        Searches are kept for a day, for the person who made them. Fill in the form again, or save it as a
        view next time.
      </Notice>
    )
  return null
}
