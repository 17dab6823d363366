import type { Metadata } from 'next'
import { CaseTable } from '#components/watching/case-table.tsx'
import { SubNav } from '#components/shell/sub-nav.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { plural } from '#lib/format.ts'
import { openCases } from '#lib/oversight/watching/open-cases.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'

export const metadata: Metadata = { title: 'Cases' }

type Props = {
  searchParams: Promise<{ show?: string | string[]; before?: string | string[]; done?: string | string[] }>
}

const lists = {
  open: {
    state: 'OPEN',
    label: 'Open',
    empty: 'No case is open. The watching looks at every day within the hour.',
  },
  decided: { state: 'DECIDED', label: 'Decided', empty: 'No case has been decided yet.' },
  all: { state: 'ALL', label: 'All', empty: 'The watching has found nothing yet.' },
} as const

/** What looks odd, with the reason in words, five cases a day at most. */
export default async function CasesPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const given = await searchParams
  const show = given.show === 'decided' || given.show === 'all' ? given.show : 'open'
  const before = typeof given.before === 'string' ? given.before : null
  const list = lists[show]
  const result = await openCases(actor, list.state, before)
  const cases = result?.cases ?? []
  return (
    <ComplianceFrame actor={actor} current="cases">
      <PageHeader
        title="Cases"
        lead="Accesses that documented care does not explain and that look odd. Reading this list is recorded."
      />
      <PageStatus>{given.done === 'decided' ? 'Your decision was recorded.' : undefined}</PageStatus>
      <Notice>
        A case is a question, not a verdict: documentation has gaps, and people have reasons. Ask before you
        judge. Cases about you are shown to other officers only.
      </Notice>
      <SubNav
        label="Lists of cases"
        current={show}
        items={[
          ...Object.entries(lists).map(([key, { label }]) => ({
            key,
            href: key === 'open' ? paths.complianceCases : withQuery(paths.complianceCases, { show: key }),
            label,
          })),
          { key: 'records', href: paths.complianceWatchedRecords, label: 'Marked records' },
        ]}
      />
      <CaseTable
        caption={`${plural(cases.length, 'case')}, the newest day first, the heaviest of a day first`}
        cases={cases}
        empty={list.empty}
      />
      <KeysetPager
        label="Pages of cases"
        newerHref={
          before === null
            ? undefined
            : withQuery(paths.complianceCases, { show: show === 'open' ? null : show })
        }
        olderHref={
          result?.before
            ? withQuery(paths.complianceCases, { show: show === 'open' ? null : show, before: result.before })
            : undefined
        }
      />
    </ComplianceFrame>
  )
}
