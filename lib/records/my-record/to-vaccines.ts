import 'server-only'

import type { MyVaccineView } from './view.ts'

export const vaccineSelect = {
  id: true,
  status: true,
  occurredAt: true,
  display: true,
  lotNumber: true,
  site: true,
  doseNumber: true,
  note: true,
} as const

type Row = {
  id: string
  status: string
  occurredAt: Date | null
  display: string
  lotNumber: string | null
  site: string | null
  doseNumber: string | null
  note: string | null
}

/** Vaccines that were given, newest first: not those that were refused or entered by mistake. */
export function toVaccines(rows: readonly Row[]): MyVaccineView[] {
  return rows
    .filter((row) => row.status !== 'not-done' && row.status !== 'entered-in-error')
    .map((row) => ({
      id: row.id,
      name: row.display,
      givenAt: row.occurredAt?.toISOString() ?? null,
      dose: row.doseNumber,
      site: row.site,
      lotNumber: row.lotNumber,
      note: row.note,
    }))
}
