import 'server-only'

import { findMyRecords } from '#lib/phi/find-my-records.ts'
import type { Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** The record that a page for patients is about. */
export type MyRecord = {
  patientId: string
  kind: 'self' | 'proxy'
  /** What may be opened of it. */
  parts: readonly Part[]
  /** True where the account may open other records too. */
  hasOthers: boolean
}

/**
 * Which record the pages show: the person's own, or the only one they act for, or the one they chose among several.
 * This only picks; whether anything opens is decided at the door.
 * @param chosenId what the browser says was chosen; an id that is not among the records counts as none
 */
export async function chooseRecord(
  actor: Actor,
  chosenId: string | null,
): Promise<{ kind: 'record'; record: MyRecord } | { kind: 'choose' } | { kind: 'none' }> {
  const records = await findMyRecords(actor)
  const [first] = records
  if (!first) return { kind: 'none' }
  const chosen = records.length === 1 ? first : records.find(({ patientId }) => patientId === chosenId)
  if (!chosen) return { kind: 'choose' }
  return { kind: 'record', record: { ...chosen, hasOthers: records.length > 1 } }
}
