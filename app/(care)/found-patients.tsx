import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { paths } from '#lib/paths.ts'
import type { FoundPatientView } from '#lib/records/patients/view.ts'

/** Patients that fit, with enough of each to take the right one. */
export function FoundPatients({
  patients,
  caption,
}: {
  patients: readonly FoundPatientView[]
  caption: string
}) {
  return (
    <div className="space-y-4">
      {patients.some(({ sharesName }) => sharesName) && (
        <Notice tone="warn" title="Same name">
          Two or more of these patients have the same name. Compare birth date and MRN before you open one.
        </Notice>
      )}
      <DataTable
        caption={caption}
        captionHidden
        rows={patients}
        rowKey={({ patient }) => patient.patientId}
        empty={<EmptyState>No patient fits.</EmptyState>}
        columns={[
          {
            key: 'name',
            header: 'Name',
            rowHeader: true,
            cell: ({ patient, sharesName }) => (
              <>
                <AppLink href={paths.chart(patient.patientId)} className="font-semibold">
                  {patient.displayName}
                </AppLink>
                {patient.legalName && (
                  <span className="block text-sm text-muted">Legal name {patient.legalName}</span>
                )}
                <span className="mt-0.5 flex flex-wrap gap-1.5 empty:hidden">
                  {sharesName && <Tag tone="warn">Same name</Tag>}
                  {patient.deceasedOn !== null && <Tag tone="neutral">Deceased</Tag>}
                </span>
              </>
            ),
          },
          {
            key: 'born',
            header: 'Born',
            nowrap: true,
            cell: ({ patient }) =>
              patient.birthDate ? `${patient.birthDate} (${patient.age})` : 'Not recorded',
          },
          { key: 'mrn', header: 'MRN', nowrap: true, cell: ({ patient }) => patient.mrn ?? 'None' },
          { key: 'sex', header: 'Sex', cell: ({ patient }) => patient.sex ?? 'Not recorded' },
          {
            key: 'ssn',
            header: 'SSN ends in',
            nowrap: true,
            cell: ({ ssnLastFour }) => ssnLastFour ?? 'Not recorded',
          },
        ]}
      />
    </div>
  )
}
