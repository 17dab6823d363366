import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { log } from '#lib/log.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { CellUnreadable } from './record-error.ts'

/**
 * Writes down that a cell did not open: somebody may have tampered with it. Other errors are none of its business.
 * It never throws: the caller is about to throw the finding itself, and no data goes out either way.
 */
export async function reportUnreadable(actor: Actor, error: unknown): Promise<void> {
  if (!(error instanceof CellUnreadable)) return
  const { model, field, rowId, patientId, code } = error
  const detail = { model, field, row_id: rowId, patient_id: patientId, code }
  try {
    await appQuery('SELECT audit.security_event($1, $2, $3::jsonb, $4::inet)', [
      actor.sessionToken,
      'DECRYPTION_FAILED',
      JSON.stringify(detail),
      actor.clientIp,
    ])
  } catch {
    log('request.failed', { reference: error.reference, errorName: error.name, place: 'door.report' })
  }
}
