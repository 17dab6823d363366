import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { EntrySeal } from '#components/audit/entry-seal.tsx'
import { TrailAction, TrailTable } from '#components/audit/trail-table.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { formatAuditTimestamp } from '#lib/format.ts'
import { openTrailEntry } from '#lib/oversight/trail/open-entry.ts'
import type { TrailEntryDetailView } from '#lib/oversight/trail/view.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { single } from '../../../../single.ts'

export const metadata: Metadata = { title: 'Audit entry' }

type Props = { params: Promise<{ logId: string }>; searchParams: Promise<{ at?: string | string[] }> }

/** One entry of the trail with everything that stands in it, and what the same person did around it. */
export default async function AuditEntryPage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { logId } = await params
  const at = single((await searchParams).at)
  const detail = at === undefined ? null : await openTrailEntry(actor, logId, at)
  if (!detail) notFound()
  const { entry, seal, sameRequest, related, isCut } = detail
  const zone = clinic.timeZone
  const fields = Object.entries(entry.fields).filter(([, names]) => names.length > 0)
  return (
    <ComplianceFrame actor={actor} current="search">
      <PageHeader
        title="Audit entry"
        back={{ href: paths.complianceSearch, label: 'Audit search' }}
        lead={`${entry.actorName}, ${formatAuditTimestamp(entry.at, zone).replace('T', ' ')}. Opening this entry is recorded too.`}
        actions={<CopyButton text={entry.logId} label="Copy reference" />}
      />
      <EntrySeal seal={seal} zone={zone} />
      <Card title="What is written down">
        <SummaryList
          items={[
            {
              label: 'Who',
              value:
                entry.actorName === entry.actorTitle
                  ? entry.actorName
                  : `${entry.actorName} (${entry.actorTitle})`,
              action: entry.actorId !== null && (
                <AppLink href={paths.compliancePerson(entry.actorId)}>All by this person</AppLink>
              ),
            },
            {
              label: 'Patient',
              value: entry.patientReference,
              action: (
                <AppLink href={withQuery(paths.compliancePatient(entry.logId), { at: entry.atExact })}>
                  All about this patient
                </AppLink>
              ),
            },
            { label: 'Action', value: <TrailAction entry={entry} /> },
            { label: 'Part', value: `${entry.view}: ${entry.viewAbout}` },
            {
              label: 'Fields',
              value:
                fields.length === 0 ? (
                  'No field'
                ) : (
                  <ul className="space-y-1">
                    {fields.map(([model, names]) => (
                      <li key={model}>
                        <span className="font-semibold">{model}</span>: {names.join(', ')}
                      </li>
                    ))}
                  </ul>
                ),
            },
            { label: 'Why', value: entry.purpose ?? 'Not stated' },
            { label: 'Relation', value: entry.relation ?? 'None' },
            { label: 'Documented reason', value: explanation(entry) },
            ...(entry.refusal === null ? [] : [{ label: 'Refused because', value: entry.refusal }]),
            { label: 'Time here', value: formatAuditTimestamp(entry.at, zone) },
            { label: 'Time UTC', value: entry.at },
            { label: 'From', value: entry.clientIp ?? 'This server' },
            { label: 'On behalf of', value: entry.onBehalfOf ?? 'Nobody else' },
            {
              label: 'Row',
              value:
                entry.resourceType === null
                  ? 'The view as a whole'
                  : `${entry.resourceType} ${entry.resourceId ?? ''}`,
            },
            { label: 'Session', value: entry.sessionId ?? 'None' },
            { label: 'Request', value: entry.requestId },
            { label: 'Emergency access', value: entry.breakGlassId ?? 'No' },
            { label: 'Entry', value: `${entry.logId}, number ${entry.sequence}` },
            {
              label: 'Database',
              value: `login ${entry.databaseLogin}, role ${entry.databaseRole ?? 'none'}, transaction ${entry.transaction}`,
            },
          ]}
        />
      </Card>
      {isCut && (
        <Notice tone="info">
          Of what was written around this entry, the nearest {sameRequest.length + related.length} are shown.
          A search of the same minutes shows all.
        </Notice>
      )}
      {sameRequest.length > 0 && (
        <Section title="In the same request">
          <TrailTable
            caption="Entries that one request wrote together"
            entries={sameRequest}
            zone={zone}
            empty="This request wrote no other entry."
          />
        </Section>
      )}
      <Section title="Within five minutes, by the same person">
        <TrailTable
          caption="Related entries, oldest first"
          entries={related}
          zone={zone}
          empty="This person did nothing else that touched a record within five minutes of it."
        />
      </Section>
    </ComplianceFrame>
  )
}

/** What the search for documented care behind an access came to; tags are explained in docs/watching.md. */
function explanation({ isExplained, explanation: tags }: TrailEntryDetailView['entry']): string {
  if (isExplained === null) return 'Not looked for yet'
  const found = (tags ?? []).join(', ')
  return isExplained ? `Found: ${found}` : `None found${found === '' ? '' : ` (${found})`}`
}
