import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Allergies, Conditions, Medicines, Vaccines } from '#components/my-record/summary-parts.tsx'
import { VitalSigns } from '#components/my-record/vital-signs.tsx'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PrintHeader } from '#components/shell/print-header.tsx'
import { Card } from '#components/ui/card.tsx'
import type { IconName } from '#components/ui/icon.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { now } from '#lib/clock.ts'
import { formatDateForPatient, formatDateTimeForPatient } from '#lib/format.ts'
import { openSummary } from '#lib/records/my-record/open-summary.ts'
import type { MySummaryView } from '#lib/records/my-record/view.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'

export const metadata: Metadata = { title: 'Health summary' }

/** What the record says about a person's health, on one page that can be taken along. */
export default async function SummaryPage() {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'summary')
  const view = shown(await openSummary(actor, record.patientId))
  const sections = sectionsOf(view)
  return (
    <PatientFrame current="summary" record={record} whose={view.whose} width="reading">
      <PrintHeader
        patientName={view.whose.name}
        birthDate={view.whose.birthDate && formatDateForPatient(view.whose.birthDate)}
        printedAt={formatDateTimeForPatient(now().toISOString())}
      />
      <PageHeader
        title="Health summary"
        lead={
          <>
            Something is wrong or missing? Call <ClinicPhone />.
          </>
        }
        actions={<PrintButton />}
      />
      <nav aria-label="On this page" className="print:hidden">
        <ul className="flex flex-wrap gap-x-5 gap-y-1">
          {sections.map(({ id, title }) => (
            <li key={id}>
              <a href={`#${id}`} className="inline-flex min-h-11 items-center">
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {sections.map(({ id, title, icon, content }) => (
        <div key={id} id={id}>
          <Card title={title} icon={icon}>
            {content}
          </Card>
        </div>
      ))}
    </PatientFrame>
  )
}

function sectionsOf(
  view: MySummaryView,
): { id: string; title: string; icon: IconName; content: ReactNode }[] {
  return [
    { id: 'conditions', title: 'Conditions', icon: 'clipboard-list', content: <Conditions conditions={view.conditions} /> },
    { id: 'allergies', title: 'Allergies', icon: 'triangle-alert', content: <Allergies allergies={view.allergies} /> },
    { id: 'medicines', title: 'Medicines', icon: 'pill', content: <Medicines medicines={view.medicines} /> },
    { id: 'vaccines', title: 'Vaccines', icon: 'syringe', content: <Vaccines vaccines={view.vaccines} /> },
    { id: 'vital-signs', title: 'Vital signs', icon: 'heart-pulse', content: <VitalSigns vitals={view.vitals} /> },
  ] // prettier-ignore
}
