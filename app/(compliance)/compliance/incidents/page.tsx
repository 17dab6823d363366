import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatDateTimeForStaff } from '#lib/format.ts'
import { listIncidentPeople } from '#lib/oversight/incidents/list-incident-people.ts'
import { listIncidents } from '#lib/oversight/incidents/list-incidents.ts'
import type { IncidentView } from '#lib/oversight/incidents/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { OpenIncidentForm } from './open-incident-form.tsx'

export const metadata: Metadata = { title: 'Incidents' }

/** What may be a breach: to assess, to tell people about, and closed. */
export default async function IncidentsPage() {
  const actor = await requireActor('compliance')
  const [incidents, people] = await Promise.all([listIncidents(actor), listIncidentPeople(actor)])
  return (
    <ComplianceFrame actor={actor} current="incidents">
      <PageHeader
        title="Incidents"
        lead="Accesses that were not right. Each is a breach unless the assessment shows a low probability that anything was compromised."
      />
      <DataTable
        caption="Incidents, the open ones first"
        captionHidden
        rows={incidents}
        rowKey={({ id }) => id}
        empty={<EmptyState>There is no incident.</EmptyState>}
        columns={[
          {
            key: 'opened',
            header: 'Opened',
            rowHeader: true,
            nowrap: true,
            cell: (incident: IncidentView) => (
              <AppLink href={paths.complianceIncident(incident.id)}>
                {formatDateTimeForStaff(incident.openedAt)}
              </AppLink>
            ),
          },
          { key: 'source', header: 'From', cell: ({ source }) => source },
          { key: 'who', header: 'Whose doing', cell: ({ accusedName }) => accusedName ?? 'Not known' },
          {
            key: 'patient',
            header: 'Patient',
            nowrap: true,
            cell: ({ patientReference }) => patientReference ?? 'Not known',
          },
          { key: 'state', header: 'State', cell: ({ state, tone }) => <Tag tone={tone}>{state}</Tag> },
          {
            key: 'tell',
            header: 'Tell the patient by',
            cell: (incident) =>
              incident.patientToldAt !== null ? (
                `Told on ${formatDateForStaff(incident.patientToldAt)}`
              ) : (
                <span className="inline-flex flex-wrap items-center gap-2">
                  {formatDateForStaff(incident.notifyBy)}
                  {incident.isDueSoon && <Tag tone="bad">Due</Tag>}
                </span>
              ),
          },
        ]}
      />
      <Card title="Report an incident" icon="circle-alert">
        <OpenIncidentForm people={people} />
      </Card>
    </ComplianceFrame>
  )
}
