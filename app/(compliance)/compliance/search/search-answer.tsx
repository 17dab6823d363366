import { ActivityChart } from '#components/audit/activity-chart.tsx'
import { AssuranceNote } from '#components/audit/assurance-note.tsx'
import { TrailAnswer } from '#components/audit/trail-answer.tsx'
import { TrailTable } from '#components/audit/trail-table.tsx'
import { Answer } from '#components/ui/answer.tsx'
import { Details } from '#components/ui/details.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { formatAuditTimestamp, formatOffset, plural } from '#lib/format.ts'
import type { OpenedSearch } from '#lib/oversight/trail/open-trail-search.ts'
import type { TrailOrder } from '#lib/oversight/trail/order.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { SaveViewForm } from './save-view-form.tsx'
import { SortForm } from './sort-form.tsx'

type Answered = Extract<OpenedSearch, { kind: 'answered' }>
type Props = { result: Answered; search: string; order: TrailOrder }

/** The answer in a sentence, what happened over time, and the entries, page by page. */
export function SearchAnswer({ result, search, order }: Props) {
  const { page, from, to, form } = result
  const { zone } = form
  const at = (changes: Record<string, string | undefined>): string =>
    withQuery(paths.complianceSearch, { search, sort: order.sort, direction: order.direction, ...changes })
  if (page.entries.length === 0 && page.isFirst)
    return (
      <Answer>
        <p>
          <strong>Nobody</strong>: no access is recorded for these criteria between {local(from, zone)} and{' '}
          {local(to, zone)} ({zone}). Refused attempts would be listed too.{' '}
          <AssuranceNote assurance={result.assurance} to={to} zone={zone} />
        </p>
      </Answer>
    )
  return (
    <>
      <TrailAnswer
        answer={result.answer}
        from={from}
        to={to}
        zone={zone}
        about={aboutWhom(result.patients)}
        more={page.next !== null || !page.isFirst}
      />
      {page.activity && <ActivityChart activity={page.activity} title="Entries over time" zone={zone} />}
      <SortForm search={search} order={order} />
      <TrailTable
        caption={`${counted(page)}, times in ${zone} (${formatOffset(from, zone)})`}
        entries={page.entries}
        zone={zone}
        empty="There are no further entries."
        sort={{ current: order, href: (sort, direction) => at({ sort, direction }) }}
      />
      <KeysetPager
        label="Pages of entries"
        newestHref={page.isFirst ? undefined : at({})}
        olderHref={page.next === null ? undefined : at({ after: page.next })}
      />
      <LinkButton variant="secondary" href={withQuery(paths.complianceExports, { search })}>
        Export these entries
      </LinkButton>
      <Details summary="Save this search as a view">
        <SaveViewForm search={search} />
      </Details>
    </>
  )
}

const local = (iso: string, zone: string): string =>
  formatAuditTimestamp(iso, zone).slice(0, 16).replace('T', ' ')

function aboutWhom(patients: string[] | null): string {
  if (patients === null) return 'a record'
  return patients.length === 1
    ? `the record ${patients[0]}`
    : `one of ${plural(patients.length, 'matching record')}`
}

function counted({ count, isMany, entries }: Answered['page']): string {
  if (isMany) return `More than ${count.toLocaleString('en-US')} entries, ${entries.length} on this page`
  return `${plural(count, 'entry', 'entries')}${entries.length < count ? `, ${entries.length} on this page` : ''}`
}
