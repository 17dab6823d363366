import 'server-only'

import type { MyMedicineView, MySummaryView } from './view.ts'

export const medicineSelect = {
  id: true,
  status: true,
  authoredAt: true,
  endsAt: true,
  display: true,
  dosage: true,
  reason: true,
  refillsRemaining: true,
  quantity: true,
  practitioner: { select: { displayName: true } },
} as const

type Row = {
  id: string
  status: string
  authoredAt: Date | null
  endsAt: Date | null
  display: string
  dosage: string | null
  reason: string | null
  refillsRemaining: number | null
  quantity: string | null
  practitioner: { displayName: string } | null
}

/** FHIR R4 MedicationRequest.status; drafts and mistakes are no medicines. */
const statuses: Readonly<Record<string, MyMedicineView['status']>> = {
  active: 'active',
  unknown: 'active',
  'on-hold': 'on-hold',
  stopped: 'stopped',
  cancelled: 'stopped',
  completed: 'completed',
}

/** Medicines to take and those that are over, each newest first. */
export function toMedicines(rows: readonly Row[]): MySummaryView['medicines'] {
  const medicines = rows.flatMap((row): MyMedicineView[] => {
    const status = statuses[row.status]
    if (!status) return []
    return [
      {
        id: row.id,
        name: row.display,
        dosage: row.dosage,
        reason: row.reason,
        refillsLeft: row.refillsRemaining,
        quantity: row.quantity,
        prescribedAt: row.authoredAt?.toISOString() ?? null,
        prescriber: row.practitioner?.displayName ?? null,
        status,
        endedAt: row.endsAt?.toISOString() ?? null,
      },
    ]
  })
  const isOver = ({ status }: MyMedicineView) => status === 'stopped' || status === 'completed'
  return { active: medicines.filter((each) => !isOver(each)), past: medicines.filter(isOver) }
}
