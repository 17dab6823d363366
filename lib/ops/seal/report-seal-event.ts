import 'server-only'
import type { Client } from 'pg'

/** Writes down what was done with the seal, before it is answered. */
export const reportSealEvent = async (
  client: Client,
  event: 'AUDIT_VERIFIED' | 'AUDIT_PROOF_MADE' | 'AUDIT_RESTORE_ACKNOWLEDGED',
  detail: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await client.query('SELECT audit.seal_event($1, $2::jsonb)', [event, JSON.stringify(detail)])
}
