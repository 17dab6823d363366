import 'server-only'

import { AuditUnavailable } from '#lib/errors.ts'
import { statementName } from '#lib/db/statement-name.ts'
import type { Unit } from './unit.ts'
import type { Change } from './write-plan.ts'

type Effect = {
  patient: string
  action: string
  model: string
  row: string | null
  fields: string[]
  plain: string[]
}

const text = `SELECT audit.effect(e.patient, e.action, e.model, e.fields, e.plain, e."row")
  FROM jsonb_to_recordset($1::jsonb) AS e (patient uuid, action text, model text, "row" uuid, fields text[], plain text[])`

/**
 * Writes what is about to change into the trail, in the change's own transaction: one entry per patient, model and
 * kind of change. The database lets no row of a patient be written without it.
 * @throws AuditUnavailable
 */
export async function writeEffects(unit: Unit, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const effects = fold(changes)
  try {
    await unit.connection.query({ name: statementName(text), text, values: [JSON.stringify(effects)] })
  } catch (error) {
    throw new AuditUnavailable('the change could not be recorded', { cause: error })
  }
}

function fold(changes: readonly Change[]): Effect[] {
  const effects = new Map<string, Effect>()
  for (const { action, model, rowId, patient, encrypted, plain } of changes) {
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
      })
      continue
    }
    // Several rows: the entry names none of them rather than one of them.
    if (known.row !== rowId) known.row = null
    known.fields = [...new Set([...known.fields, ...encrypted])]
    known.plain = [...new Set([...known.plain, ...plain])]
  }
  return [...effects.values()]
}
