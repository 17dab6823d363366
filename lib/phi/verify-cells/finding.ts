import 'server-only'

/**
 * What is wrong with a cell, told by the trail:
 * - REPLAYED: it holds a ciphertext that it held before; somebody put it back
 * - ALTERED: it holds a ciphertext that the trail does not know
 * - REMOVED: it holds none, or its row is gone, and the trail says otherwise
 * - UNCOVERED: nothing to compare with; it was written before digests were kept
 */
export type FindingKind = 'REPLAYED' | 'ALTERED' | 'REMOVED' | 'UNCOVERED'

/** One cell that is not as it was written. Names and ids, never a value. */
export type Finding = {
  readonly kind: Exclude<FindingKind, 'UNCOVERED'>
  readonly model: string
  /** the column's stable id, such as `patient.family-name`; null for a whole row that is gone */
  readonly column: string | null
  readonly rowId: string
  readonly patientId: string
}
