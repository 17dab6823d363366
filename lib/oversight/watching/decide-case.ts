import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sealText } from '#lib/accounts/sealed-text.ts'
import { changeWatching } from '#lib/audit/read-watching.ts'
import type { Actor } from '#lib/policy/actor.ts'

export const reasonMax = 2000
export const suppressDaysMost = 90

const decision = z.object({
  kind: z.enum(['EXPLAINED', 'ESCALATED', 'SUPPRESSED'], { error: 'Choose what is to be done' }),
  reason: z
    .string()
    .trim()
    .min(15, { error: 'Give the reason in at least 15 characters' })
    .max(reasonMax, { error: `Give the reason in at most ${reasonMax.toLocaleString('en-US')} characters` }),
  days: z.coerce.number().int().min(1).max(suppressDaysMost).optional().catch(undefined),
})

const refusals: Readonly<Record<string, string>> = {
  'no-such-case': 'There is no such case',
  'decided-already': 'Somebody has decided this case in the meantime. Open it again to read why',
  'days-out-of-range': `Choose between 1 and ${suppressDaysMost} days`,
  'open-already': 'An incident has been opened for this case already',
  'your-own': 'Somebody else has to decide this',
  'code-too-old': 'Your one-time code is more than five minutes old. Enter a new one',
}

export type DecisionProblem = { field: string; message: string }
export type CaseDecision = z.infer<typeof decision>

/** Reads a decision from its form. @returns the problems of the form when there are any */
export function readDecision(raw: {
  kind: string
  reason: string
  days: string
}): { kind: 'problems'; problems: DecisionProblem[] } | { kind: 'read'; decision: CaseDecision } {
  const parsed = decision.safeParse(raw)
  if (!parsed.success)
    return {
      kind: 'problems',
      problems: parsed.error.issues.map(({ path, message }) => ({ field: String(path[0] ?? ''), message })),
    }
  if (parsed.data.kind === 'SUPPRESSED' && parsed.data.days === undefined)
    return { kind: 'problems', problems: [{ field: 'days', message: refusals['days-out-of-range'] ?? '' }] }
  return { kind: 'read', decision: parsed.data }
}

/**
 * Explains a case, makes an incident of it, or holds the same back for some days. Who decided, when and why is on record; the
 * reason itself is sealed. Nothing happens to the person whom it is about. Asks for a second factor of the last five minutes.
 * @returns the refusal in words, or null when it is decided
 */
export async function decideCase(
  actor: Actor,
  caseId: string,
  { kind, reason, days }: CaseDecision,
): Promise<string | null> {
  const id = z.uuid().safeParse(caseId).success ? caseId : randomUUID()
  const textId = randomUUID()
  const refusal = await changeWatching('case_decide', [
    actor.sessionToken,
    id,
    kind,
    kind === 'SUPPRESSED' ? days : null,
    textId,
    await sealText(textId, reason),
    randomUUID(),
    actor.clientIp,
  ])
  return refusal === null ? null : (refusals[refusal] ?? 'Your session may not decide this. Sign in again')
}
