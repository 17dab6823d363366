import type { Metadata } from 'next'
import { ExportTable, countText } from '#components/exports/export-table.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Section } from '#components/ui/section.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { now } from '#lib/clock.ts'
import { localDay } from '#lib/format.ts'
import { criteriaInWords } from '#lib/oversight/export/criteria-words.ts'
import { emptyExportForm, reasonMax } from '#lib/oversight/export/input.ts'
import { openExports } from '#lib/oversight/export/open-exports.ts'
import { searchCriteria } from '#lib/oversight/export/request-export.ts'
import type { ExportView } from '#lib/oversight/export/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { cancelExportAction } from './actions.ts'
import { DecideForm } from './decide-form.tsx'
import { ExportForm } from './export-form.tsx'
import { FollowProgress } from './follow-progress.tsx'
import { wordFor } from '../../../word-for.ts'

export const metadata: Metadata = { title: 'Exports' }

type Props = { searchParams: Promise<{ search?: string | string[]; done?: string | string[] }> }

const done: Readonly<Record<string, string>> = {
  asked: 'The export is in the queue. It stands in the list below.',
  waiting:
    'The export waits: it has more entries than one person may take in a day, so another officer must agree.',
  agreed: 'You agreed. The export is being made for the person who asked.',
  declined: 'You declined. Nothing is made.',
  cancelled: 'The export was cancelled. Its file is gone.',
}
const problems: Readonly<Record<string, string>> = {
  'not-there': 'This file is not there any more. Files stay for ten minutes after they are ready.',
  ended: 'This export had ended already.',
}
const monthMilliseconds = 30 * 24 * 3600 * 1000
const under: readonly ExportView['state'][] = ['QUEUED', 'RUNNING']

/** Taking entries of the trail out of the product: with a reason, in the open, and never much of it alone. */
export default async function ExportsPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const given = await searchParams
  const search = typeof given.search === 'string' ? given.search : ''
  const [exports, asks, criteria] = await Promise.all([
    openExports(actor),
    factorsToAskFor(actor),
    search === '' ? null : searchCriteria(actor, search),
  ])
  const today = localDay(now().toISOString())
  const monthAgo = localDay(new Date(now().getTime() - monthMilliseconds).toISOString())
  const waiting = exports.filter((view) => view.state === 'WAITING' && !view.isOwn)
  const problem = wordFor(given.done, problems)
  return (
    <ComplianceFrame actor={actor} current="exports">
      <PageHeader
        title="Exports"
        lead="Entries of the trail as a file. Asking, agreeing and every download are recorded. A file stays for ten minutes."
      />
      <PageStatus>{wordFor(given.done, done)}</PageStatus>
      {problem && <Notice tone="warn">{problem}</Notice>}
      {search !== '' && criteria === null && (
        <Notice tone="warn" title="This search is no longer kept">
          Searches are kept for a day, for the person who made them. Search again, or choose a period here.
        </Notice>
      )}
      {waiting.map((view) => (
        <Card
          key={view.exportId}
          title={`${view.requesterName} asks for ${countText(view)} entries`}
          icon="download"
          tone="warn"
        >
          <SummaryList
            items={[
              { label: 'Entries', value: view.criteria.join(' · ') },
              { label: 'Reason', value: view.reason },
              { label: 'Format', value: view.format.toUpperCase() },
            ]}
          />
          <div className="mt-4">
            <DecideForm exportId={view.exportId} asks={asks} />
          </div>
        </Card>
      ))}
      <Section title="Last 30 days">
        <ExportTable exports={exports} actions={ownActions} />
        {exports.some((view) => under.includes(view.state)) && <FollowProgress />}
      </Section>
      <Section title="New export">
        <ExportForm
          initial={emptyExportForm(criteria === null ? '' : search, monthAgo, today)}
          criteria={criteria === null ? null : await criteriaInWords(criteria)}
          asks={asks}
          reasonMax={reasonMax}
        />
      </Section>
    </ComplianceFrame>
  )
}

function ownActions(view: ExportView) {
  if (!view.isOwn) return null
  const isOpen = view.state === 'READY' || view.state === 'WAITING' || under.includes(view.state)
  return (
    <>
      {view.state === 'READY' && (
        <form method="post" action={paths.complianceExportFile(view.exportId)}>
          <Button type="submit">Download</Button>
        </form>
      )}
      {isOpen && (
        <form action={cancelExportAction}>
          <input type="hidden" name="export" value={view.exportId} />
          <SubmitButton variant="secondary" pendingText="Cancelling…">
            {view.state === 'READY' ? 'Remove' : 'Cancel'}
          </SubmitButton>
        </form>
      )}
    </>
  )
}
