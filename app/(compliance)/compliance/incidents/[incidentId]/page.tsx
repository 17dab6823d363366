import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { z } from 'zod'
import { LeaseEntries } from '#components/break-glass/lease-entries.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { formatDateForStaff, formatDateTimeForStaff } from '#lib/format.ts'
import { readIncident } from '#lib/oversight/incidents/read-incident.ts'
import type { IncidentDetailView } from '#lib/oversight/incidents/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { WriteForm } from './write-form.tsx'
import { wordFor } from '../../../../word-for.ts'

export const metadata: Metadata = { title: 'One incident' }

const done: Readonly<Record<string, string>> = {
  NOTE: 'The note is saved.',
  ASSESSMENT: 'The assessment is saved.',
  PATIENT_TOLD: 'It is noted that the patient was told.',
  CLOSED: 'The incident is closed.',
}
const factors = [
  { name: 'nature', legend: 'What was exposed', hint: 'How sensitive it is, and whether it names somebody' },
  { name: 'recipient', legend: 'Who saw it', hint: 'Whether they are bound to secrecy themselves' },
  { name: 'acquired', legend: 'Was it really seen?', hint: 'Opened and read, or only within reach' },
  { name: 'mitigated', legend: 'What risk is left?', hint: 'After what was done about it' },
] as const

type Props = { params: Promise<{ incidentId: string }>; searchParams: Promise<{ done?: string | string[] }> }

/** One incident: what is known, the breach assessment, who was told, and the end. */
export default async function IncidentPage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { incidentId } = await params
  const { done: what } = await searchParams
  const incident = z.uuid().safeParse(incidentId).success ? await readIncident(actor, incidentId) : null
  if (!incident) notFound()
  const common = { incidentId: incident.id, asks: await factorsToAskFor(actor) }
  const isOpen = incident.closedAt === null
  const isAssessed = incident.entries.some(({ facts }) => facts.length > 0)
  return (
    <ComplianceFrame actor={actor} current="incidents">
      <PageStatus>{wordFor(what, done)}</PageStatus>
      <PageHeader
        title="One incident"
        back={{ href: paths.complianceIncidents, label: 'Incidents' }}
        lead={`${incident.source} · opened ${formatDateTimeForStaff(incident.openedAt)} by ${incident.openedBy}`}
      />
      <Facts incident={incident} />
      <Section title="What was written">
        <LeaseEntries entries={incident.entries} />
      </Section>
      {isOpen && (
        <>
          <Card title={isAssessed ? 'Assess again' : 'Breach assessment'} icon="clipboard-list">
            <WriteForm
              {...common}
              kind="ASSESSMENT"
              factors={factors}
              label="Reasons"
              hint="What each factor rests on. It counts as a breach unless you can show a low probability."
              submit="Sign the assessment"
            />
          </Card>
          {incident.isBreach && incident.patientToldAt === null && (
            <Card title="Tell the patient" icon="phone">
              <WriteForm
                {...common}
                kind="PATIENT_TOLD"
                label="How and when"
                hint="By letter, or as the patient asked; no later than 60 days after it became known."
                submit="Note that the patient was told"
              />
            </Card>
          )}
          <Card title="Note" icon="notebook-pen">
            <WriteForm
              {...common}
              kind="NOTE"
              label="Note"
              hint="Stays with the incident."
              submit="Add the note"
            />
          </Card>
          {isAssessed && (!incident.isBreach || incident.patientToldAt !== null) && (
            <Card title="Close" icon="check">
              <WriteForm
                {...common}
                kind="CLOSED"
                label="What was done"
                hint="And what keeps it from happening again."
                submit="Close the incident"
              />
            </Card>
          )}
        </>
      )}
    </ComplianceFrame>
  )
}

function Facts({ incident }: { incident: IncidentDetailView }) {
  const source = sourceHref(incident)
  return (
    <Card>
      <SummaryList
        items={[
          {
            label: 'From',
            value: source === null ? incident.source : <AppLink href={source}>{incident.source}</AppLink>,
          },
          { label: 'Whose doing', value: incident.accusedName ?? 'Not known' },
          { label: 'Patient', value: incident.patientReference ?? 'Not known' },
          { label: 'State', value: <Tag tone={incident.tone}>{incident.state}</Tag> },
          {
            label: 'Tell the patient',
            value:
              incident.patientToldAt === null
                ? `By ${formatDateForStaff(incident.notifyBy)}, unless it is no breach`
                : `Told on ${formatDateForStaff(incident.patientToldAt)}`,
          },
        ]}
      />
    </Card>
  )
}

/** Where it comes from, when that has a page of its own. */
function sourceHref({ sourceKind, sourceId }: IncidentDetailView): string | null {
  if (sourceId === null) return null
  if (sourceKind === 'BREAK_GLASS') return paths.complianceLease(sourceId)
  return sourceKind === 'CASE' ? paths.complianceCase(sourceId) : null
}
