import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { CaseFindings } from '#components/watching/case-findings.tsx'
import { CaseStateTag } from '#components/watching/case-state.tsx'
import { dayText } from '#components/watching/case-table.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { clinic } from '#lib/clinic.ts'
import { formatAuditTimestamp, formatDateTimeForStaff } from '#lib/format.ts'
import { reasonMax } from '#lib/oversight/watching/decide-case.ts'
import { openCase } from '#lib/oversight/watching/open-case.ts'
import type { CaseDecisionView } from '#lib/oversight/watching/view.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { DecideForm } from '../decide-form.tsx'

export const metadata: Metadata = { title: 'Case' }

const decided: Readonly<Record<CaseDecisionView['kind'], string>> = {
  EXPLAINED: 'Explained',
  ESCALATED: 'An incident was opened',
  SUPPRESSED: 'Held back',
}

/** One case: why it came up, the accesses it is about, and the decision. */
export default async function CasePage({ params }: { params: Promise<{ caseId: string }> }) {
  const actor = await requireActor('compliance')
  const { caseId } = await params
  const detail = await openCase(actor, caseId)
  if (!detail) notFound()
  const { summary, accesses, decisions } = detail
  const asks = await factorsToAskFor(actor)
  return (
    <ComplianceFrame actor={actor} current="cases">
      <PageHeader
        title="Case"
        back={{ href: paths.complianceCases, label: 'Cases' }}
        lead={`${summary.actorName}, ${dayText(summary.day)} (UTC). Opening this case is recorded.`}
      />
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <Card title="Why it came up">
          <CaseFindings {...detail} />
        </Card>
        <div className="grid gap-(--gap)">
          <Card title="Who and whose" aside={<CaseStateTag state={summary.state} />}>
            <SummaryList
              items={[
                { label: 'Who', value: `${summary.actorName}, ${summary.actorTitle || 'staff'}` },
                { label: 'Record', value: summary.patientReference ?? 'Several: the whole day' },
                { label: 'Weight', value: summary.score.toFixed(1) },
              ]}
            />
          </Card>
          {decisions.map((each) => (
            <Card key={each.at} title={decided[each.kind]}>
              <p className="whitespace-pre-line">{each.reason}</p>
              <p className="mt-2 text-sm text-muted">
                {each.by}, {formatDateTimeForStaff(each.at)}
                {each.until !== null && `, until ${dayText(each.until)}`}
              </p>
            </Card>
          ))}
          {decisions.length === 0 && (
            <Card title="Your decision">
              <DecideForm caseId={summary.id} reasonMax={reasonMax} asks={asks} />
            </Card>
          )}
        </div>
      </div>
      <Section title="The accesses">
        <DataTable
          caption={`Oldest first, times in ${clinic.timeZone}`}
          rows={accesses}
          rowKey={({ logId }) => logId}
          empty={<EmptyState>The entries of that day are archived.</EmptyState>}
          columns={[
            {
              key: 'at',
              header: 'Time',
              rowHeader: true,
              nowrap: true,
              cell: ({ logId, at, atExact }) => (
                <AppLink href={withQuery(paths.complianceEvent(logId), { at: atExact })}>
                  {formatAuditTimestamp(at).replace('T', ' ')}
                </AppLink>
              ),
            },
            { key: 'record', header: 'Record', nowrap: true, cell: (each) => each.patientReference },
            {
              key: 'what',
              header: 'What',
              cell: ({ action, about, outcome }) => (
                <>
                  {outcome === 'DENIED' ? `${action}, refused` : action}
                  <span className="block text-sm text-muted">{about}</span>
                </>
              ),
            },
            {
              key: 'explained',
              header: 'Explained',
              cell: ({ isExplained }) =>
                isExplained === null ? 'Not looked at' : isExplained ? 'Yes' : 'No',
            },
          ]}
        />
        {detail.isCut && (
          <p className="text-muted">
            No more than the first {accesses.length} are shown. The{' '}
            <AppLink href={paths.complianceSearch}>search</AppLink> for this person and day finds all.
          </p>
        )}
      </Section>
    </ComplianceFrame>
  )
}
