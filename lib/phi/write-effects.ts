import 'server-only'

import { AuditUnavailable } from '#lib/errors.ts'
import { statementName } from '#lib/db/statement-name.ts'
import type { CellDigests } from './digest-cells.ts'
import { RefusedQuery } from './record-error.ts'
import type { Unit } from './unit.ts'
import type { Change } from './write-plan.ts'

type Effect = {
  patient: string
  action: string
  model: string
  row: string | null
  fields: string[]
  plain: string[]
  /** by row */
  cells: Record<string, CellDigests> | null
}

const text = `SELECT audit.effect(e.patient, e.action, e.model, e.fields, e.plain, e."row", e.cells)
  FROM jsonb_to_recordset(coalesce(audit.attest($2), $1)::jsonb)
    AS e (patient uuid, action text, model text, "row" uuid, fields text[], plain text[], cells jsonb)`

/**
 * Writes what is about to change into the trail, in the change's own transaction: one entry per patient, model and
 * kind of change, with a digest of every cell that changes. The database lets no row of a patient be written without it.
 *
 * Entries of one patient's cells are written in the order in which their changes take place: the database holds an entry
 * back until the transaction with the one before it has ended.
 * @param changes rows and what their cells hold afterwards
 * @throws AuditUnavailable
 * @throws RefusedQuery when one call changes the same cell twice: nobody could say which of the two remains
 */
export async function writeEffects(unit: Unit, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const effects = inOrder(fold(changes))
  const attestation = unit.attestEffects(
    effects.map(({ patient, action, model, row }) => [patient, action, model, row]),
  )
  try {
    await unit.connection.query({
      name: statementName(text),
      text,
      values: [JSON.stringify(effects), attestation],
    })
  } catch (error) {
    throw new AuditUnavailable('the change could not be recorded', { cause: error })
  }
}

function fold(changes: readonly Change[]): Effect[] {
  const effects = new Map<string, Effect>()
  for (const change of changes) {
    const { action, model, rowId, patient, encrypted, plain } = change
    const key = `${patient} ${action} ${model.name}`
    const known = effects.get(key)
    if (!known) {
      effects.set(key, {
        patient,
        action,
        model: model.name,
        row: rowId,
        fields: [...encrypted],
        plain: [...plain],
        cells: cellsOf(change, {}),
      })
      continue
    }
    // Several rows: the entry names none of them rather than one of them.
    if (known.row !== rowId) known.row = null
    known.fields = [...new Set([...known.fields, ...encrypted])]
    known.plain = [...new Set([...known.plain, ...plain])]
    known.cells = cellsOf(change, known.cells ?? {})
  }
  return [...effects.values()]
}

/** Digests by row, with those of one more change; null where no cell changes. */
function cellsOf(change: Change, before: Record<string, CellDigests>): Record<string, CellDigests> | null {
  const { action, model, rowId, cells } = change
  const known = before[rowId]
  // Two new rows of one id are the database's to refuse.
  if (action === 'UPDATE' && known && Object.keys(cells).some((column) => column in known))
    throw new RefusedQuery(model.name, 'one call changes a cell once')
  // A row that goes away is named without cells: from here on it has none.
  if (action === 'DELETE' || Object.keys(cells).length > 0) before[rowId] = { ...known, ...cells }
  return Object.keys(before).length > 0 ? before : null
}

/**
 * By patient, so that two units which change the same patients wait for them in the same order; and what goes away last,
 * because a row that is changed and removed in one call is gone afterwards.
 */
function inOrder(effects: Effect[]): Effect[] {
  const last = (effect: Effect) => (effect.action === 'DELETE' ? 1 : 0)
  return effects.sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : last(a) - last(b)))
}
