import { Tag } from '#components/ui/tag.tsx'
import { formatDateForPatient, plural } from '#lib/format.ts'
import type {
  MyAllergiesView,
  MyConditionView,
  MyMedicineView,
  MySummaryView,
  MyVaccineView,
} from '#lib/records/my-record/view.ts'
import { PastEntries, RecordEntries, type RecordEntry } from './record-entries.tsx'

/** Conditions the person has; those that are over behind a line. */
export function Conditions({ conditions }: { conditions: MySummaryView['conditions'] }) {
  return (
    <>
      {conditions.active.length === 0 ? (
        <p className="text-muted">
          {conditions.past.length === 0
            ? 'No conditions are recorded.'
            : 'No current conditions are recorded.'}
        </p>
      ) : (
        <RecordEntries entries={conditions.active.map(toCondition)} />
      )}
      <PastEntries summary="Conditions in the past" entries={conditions.past.map(toCondition)} />
    </>
  )
}

function toCondition({ id, name, since, until, severity, note }: MyConditionView): RecordEntry {
  const time =
    since && until ? `From ${since} to ${until}` : since ? `Since ${since}` : until && `Until ${until}`
  return { id, name, lines: [[time, severity].filter(Boolean).join(' · '), note] }
}

/** Allergies; that there are none is said only where somebody recorded it. */
export function Allergies({ allergies }: { allergies: MyAllergiesView }) {
  if (allergies.kind === 'not-recorded')
    return (
      <p className="text-muted">
        None recorded. That does not mean that there are none: nobody wrote it down yet.
      </p>
    )
  if (allergies.kind === 'none-known')
    return (
      <p>
        <strong>No known allergies</strong>
        {allergies.recordedAt && (
          <span className="text-muted">, recorded {formatDateForPatient(allergies.recordedAt)}</span>
        )}
      </p>
    )
  return (
    <RecordEntries
      entries={allergies.allergies.map(({ id, name, reactions, highRisk, note }) => ({
        id,
        name,
        tag: highRisk && <Tag tone="bad">High risk</Tag>,
        lines: [reactions ? `Reaction: ${reactions}` : 'No reaction recorded', note],
      }))}
    />
  )
}

/** Medicines with how to take them; stopped ones behind a line. */
export function Medicines({ medicines }: { medicines: MySummaryView['medicines'] }) {
  return (
    <>
      {medicines.active.length === 0 ? (
        <p className="text-muted">
          {medicines.past.length === 0 ? 'No medicines are recorded.' : 'No current medicines are recorded.'}
        </p>
      ) : (
        <RecordEntries entries={medicines.active.map(toMedicine)} />
      )}
      <PastEntries summary="Medicines you no longer take" entries={medicines.past.map(toMedicine)} />
    </>
  )
}

function toMedicine(medicine: MyMedicineView): RecordEntry {
  const isOver = medicine.status === 'stopped' || medicine.status === 'completed'
  const by = medicine.prescriber ? ` by ${medicine.prescriber}` : ''
  return {
    id: medicine.id,
    name: medicine.name,
    tag: <MedicineTag medicine={medicine} />,
    lines: [
      medicine.dosage ? `How to take it: ${medicine.dosage}` : !isOver && 'How to take it is not recorded',
      medicine.reason && `For: ${medicine.reason}`,
      !isOver && refills(medicine.refillsLeft),
      medicine.prescribedAt && `Prescribed ${formatDateForPatient(medicine.prescribedAt)}${by}`,
      isOver && medicine.endedAt && `Ended ${formatDateForPatient(medicine.endedAt)}`,
    ],
  }
}

function MedicineTag({ medicine: { status, refillsLeft } }: { medicine: MyMedicineView }) {
  if (status === 'on-hold') return <Tag tone="warn">On hold</Tag>
  if (status === 'stopped') return <Tag tone="neutral">Stopped</Tag>
  if (status === 'completed') return <Tag tone="neutral">Finished</Tag>
  return refillsLeft === 0 ? <Tag tone="warn">No refills left</Tag> : null
}

function refills(left: number | null): string | null {
  return left === null || left === 0 ? null : `${plural(left, 'refill')} left`
}

/** Vaccines that were given, newest first. */
export function Vaccines({ vaccines }: { vaccines: readonly MyVaccineView[] }) {
  if (vaccines.length === 0) return <p className="text-muted">No vaccines are recorded.</p>
  return <RecordEntries entries={vaccines.map(toVaccine)} />
}

function toVaccine({ id, name, givenAt, dose, site, lotNumber, note }: MyVaccineView): RecordEntry {
  const facts = [
    givenAt ? `Given ${formatDateForPatient(givenAt)}` : 'Date not recorded',
    dose && `Dose ${dose}`,
    site,
    lotNumber && `Lot ${lotNumber}`,
  ]
  return { id, name, lines: [facts.filter(Boolean).join(' · '), note] }
}
