import { ResultFlag } from '#components/labs/result-flag.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatStaleness } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { WorklistRowView, WorklistView } from '#lib/records/worklist/view.ts'

/** Patients and what waits for each. A row never appears or moves by itself. */
export function WorklistTable({ worklist }: { worklist: WorklistView }) {
  return (
    <DataTable
      caption="My patients, those with the newest unreviewed results first"
      captionHidden
      rows={worklist.rows}
      rowKey={(row) => row.patient.patientId}
      empty={
        <EmptyState action={<LinkButton href={paths.careRegister}>Register a patient</LinkButton>}>
          Patients you or your team care for stand here, with what waits for them.
        </EmptyState>
      }
      columns={[
        { key: 'patient', header: 'Patient', rowHeader: true, cell: (row) => <Patient row={row} /> },
        { key: 'waiting', header: 'What waits', cell: (row) => <Waiting row={row} /> },
        {
          key: 'since',
          header: 'Waiting for',
          nowrap: true,
          cell: ({ waiting }) =>
            waiting ? (
              formatStaleness(waiting.since, worklist.readAt).replace(/ old$/, '')
            ) : (
              <Quiet>Nothing</Quiet>
            ),
        },
        {
          key: 'vitals',
          header: 'Vitals',
          nowrap: true,
          cell: ({ vitalsAt }) =>
            vitalsAt ? formatStaleness(vitalsAt, worklist.readAt) : <Quiet>None yet</Quiet>,
        },
      ]}
    />
  )
}

function Patient({ row: { patient } }: { row: WorklistRowView }) {
  return (
    <>
      <AppLink href={paths.chart(patient.patientId)} className="font-semibold">
        {patient.displayName}
      </AppLink>
      <span className="block text-sm text-muted">
        {[
          patient.age ? `Age ${patient.age}` : 'Age not recorded',
          patient.sex,
          patient.mrn && `MRN ending ${patient.mrn.slice(-4)}`,
        ]
          .filter(Boolean)
          .join(', ')}
      </span>
      {patient.deceasedOn !== null && <Tag tone="neutral">Deceased</Tag>}
    </>
  )
}

function Waiting({ row: { patient, waiting } }: { row: WorklistRowView }) {
  if (!waiting) return <Quiet>All reviewed</Quiet>
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <ResultFlag flag={waiting.flag} wording="staff" />
      <AppLink href={withQuery(paths.chartResults(patient.patientId), { show: 'waiting' })}>
        {waitingText(waiting)}
      </AppLink>
    </div>
  )
}

/** The result to look at first by name; where all are normal, how many there are says more. */
function waitingText({ count, atLeast, name, flag }: NonNullable<WorklistRowView['waiting']>): string {
  const orMore = atLeast ? ' or more' : ''
  if (count === 1) return name
  if (flag === 'normal') return `${count}${orMore} results`
  return `${name} and ${count - 1}${orMore} other ${count === 2 ? 'result' : 'results'}`
}

function Quiet({ children }: { children: string }) {
  return <span className="text-muted">{children}</span>
}
