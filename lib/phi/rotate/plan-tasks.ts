import 'server-only'

import type { CensusRow, Task } from './types.ts'

/** An admission names no more (audit.admit). */
const patientsMax = 50

/** Cells on a version that is older than the one their patient's cells are sealed under now. */
export function oldCells(counted: readonly CensusRow[], active: ReadonlyMap<string, number>): CensusRow[] {
  return counted.filter(({ patientId, version }) => version < (active.get(patientId) ?? 0))
}

/** The tasks of each lane; no patient is in two of them. */
export function planLanes(
  old: readonly CensusRow[],
  { lanes, cellsPerUnit }: { lanes: number; cellsPerUnit: number },
): Task[][] {
  const places = new Map(
    [...new Set(old.map(({ patientId }) => patientId))].map((id, at) => [id, at % lanes]),
  )
  return Array.from({ length: lanes }, (_, lane) =>
    planTasks(
      old.filter((row) => places.get(row.patientId) === lane),
      cellsPerUnit,
    ),
  )
}

/**
 * Cuts old cells into tasks: of one table, since an admission and its entries in the trail name one, of at most 50 patients,
 * and of about as many cells as a unit should have. A patient with more has a task alone.
 */
function planTasks(old: readonly CensusRow[], cellsPerUnit: number): Task[] {
  const byTable = new Map<string, Map<string, number>>()
  for (const { table, patientId, cells } of old) {
    const patients = byTable.get(table) ?? new Map<string, number>()
    byTable.set(table, patients.set(patientId, (patients.get(patientId) ?? 0) + cells))
  }
  return [...byTable].flatMap(([table, patients]) => cut(table, patients, cellsPerUnit))
}

function cut(table: string, patients: ReadonlyMap<string, number>, cellsPerUnit: number): Task[] {
  const tasks: Task[] = []
  let names: string[] = []
  let cells = 0
  const close = () => {
    if (names.length > 0) tasks.push({ table, patients: names, cells })
    names = []
    cells = 0
  }
  for (const [patient, count] of patients) {
    if (names.length === patientsMax || (names.length > 0 && cells + count > cellsPerUnit)) close()
    names.push(patient)
    cells += count
  }
  close()
  return tasks
}
