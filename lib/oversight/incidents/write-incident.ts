import 'server-only'

import { z } from 'zod'
import { sealNewText } from '#lib/accounts/sealed-text.ts'
import { openIncidentRow, writeIncidentRow, type NewIncident } from '#lib/audit/break-glass/incident-steps.ts'
import { refusalText } from '#lib/oversight/break-glass/words.ts'
import type { Actor } from '#lib/policy/actor.ts'

type Problem = { field: string; message: string }

const note = z.string().trim().min(15, 'Write at least 15 characters').max(4000, 'At most 4,000 characters')
const level = z.enum(['LOW', 'MEDIUM', 'HIGH'], { error: 'Choose low, medium or high' })
const input = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['NOTE', 'PATIENT_TOLD', 'CLOSED']), note }),
  z.object({
    kind: z.literal('ASSESSMENT'),
    note,
    nature: level,
    recipient: level,
    acquired: level,
    mitigated: level,
    outcome: z.enum(['BREACH', 'LOW_PROBABILITY'], { error: 'Choose what it comes to' }),
  }),
])
export type IncidentInput = z.infer<typeof input>

/** Checks what is written, before a one-time code is spent on it. */
export function readIncidentInput(
  sent: unknown,
): { kind: 'read'; input: IncidentInput } | { kind: 'problems'; problems: Problem[] } {
  const parsed = input.safeParse(sent)
  if (parsed.success) return { kind: 'read', input: parsed.data }
  return {
    kind: 'problems',
    problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
  }
}

/**
 * Writes on in an incident: a note, the breach assessment, that the patient was told, the end.
 * @returns why not, in a sentence; null when it is done
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function writeIncident(
  actor: Actor,
  incidentId: string,
  { kind, note: text, ...detail }: IncidentInput,
): Promise<string | null> {
  const refusal = await writeIncidentRow(actor, incidentId, kind, detail, await sealNewText(text))
  return refusal === null ? null : refusalText(refusal)
}

/**
 * Opens an incident, from another part of compliance's work or by hand. One per case or concern; none about oneself.
 * @param text what happened, 15 to 4,000 characters
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function openIncident(
  actor: Actor,
  from: NewIncident,
  text: string,
): Promise<{ kind: 'opened'; incidentId: string } | { kind: 'refused'; message: string }> {
  const parsed = note.safeParse(text)
  if (!parsed.success) return { kind: 'refused', message: parsed.error.issues[0]?.message ?? '' }
  const { incidentId, refusal } = await openIncidentRow(actor, from, await sealNewText(parsed.data))
  return refusal === null
    ? { kind: 'opened', incidentId }
    : { kind: 'refused', message: refusalText(refusal) }
}
