import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { listCareStaff } from '#lib/accounts/list-care-staff.ts'
import { nameStaff } from '#lib/accounts/name-staff.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { listCareTeam } from '#lib/records/care-team/list-care-team.ts'
import { carerOptions } from '../../../../carer-options.ts'
import { ChartFrame } from '../../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../../opened.ts'
import { addCarerAction, endCarerAction } from './actions.ts'
import { AddCarerForm } from './add-carer-form.tsx'
import { CarersTable } from './carers-table.tsx'

export const metadata: Metadata = { title: 'Care team' }

type Props = { params: Promise<{ patientId: string }>; searchParams: Promise<{ done?: string | string[] }> }

/** Who may open this record because they care for the patient, from when to when and why. */
export default async function CareTeamPage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const view = openedOr404(await listCareTeam(actor, patientId))
  const { done } = await searchParams
  const [staff, names] = await Promise.all([
    listCareStaff(actor),
    nameStaff(view.relationships.map(({ carerId }) => carerId)),
  ])
  return (
    <ChartFrame actor={actor} banner={view.banner} part="team">
      <PageStatus>{done === 'last-carer' ? undefined : doneText(done)}</PageStatus>
      {done === 'last-carer' && (
        <Notice tone="warn" title="Nothing was changed">
          Nobody would be left who could open this record. Add somebody first.
        </Notice>
      )}
      <PageHeader
        title="Care team"
        lead="Only the people and teams listed as current can open this record. The patient can see who did."
      />
      <CarersTable
        relationships={view.relationships}
        names={names}
        ownIds={new Set([actor.accountId, ...staff.teams.filter(({ isMine }) => isMine).map(({ id }) => id)])}
        end={endCarerAction.bind(null, patientId)}
      />
      <div className="max-w-reading print:hidden">
        <Card title="Add somebody">
          <AddCarerForm
            action={addCarerAction.bind(null, patientId)}
            formKey={randomUUID()}
            carers={carerOptions(staff)}
          />
        </Card>
      </div>
    </ChartFrame>
  )
}
