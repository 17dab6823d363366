import 'server-only'

import { z } from 'zod'
import { sealNewText } from '#lib/accounts/sealed-text.ts'
import { reasonTokens } from '#lib/accounts/text-tokens.ts'
import { requestLease } from '#lib/audit/break-glass/steps.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { reasonNames, refusalText } from './words.ts'
import type { FieldProblem } from './view.ts'

const wordsMin = 15
export const wordsMax = 500

const input = z.object({
  patient: z.uuid(),
  kind: z.enum(['PATIENT', 'SCOPE']),
  reason: z.enum(Object.keys(reasonNames) as [keyof typeof reasonNames], { error: 'Choose a reason' }),
  words: z
    .string()
    .trim()
    .min(wordsMin, `Say why in at least ${wordsMin} characters`)
    .max(wordsMax, `At most ${wordsMax} characters`),
})

export type RequestedBreakGlass =
  { kind: 'requested'; leaseId: string; patientId: string } | { kind: 'problems'; problems: FieldProblem[] }

/** What is wrong with a reason and words before anything is asked of the database: so that a form says it together with a missing code. */
export function breakGlassProblems(sent: unknown): FieldProblem[] {
  const parsed = input.safeParse(sent)
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
}

/**
 * Asks to break the glass for one patient, with a reason from the list and at least fifteen characters of the person's own words,
 * which the database compares with their last three by keyed tokens. Nothing is open yet.
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function requestBreakGlass(actor: Actor, sent: unknown): Promise<RequestedBreakGlass> {
  const parsed = input.safeParse(sent)
  if (!parsed.success) return { kind: 'problems', problems: breakGlassProblems(sent) }
  const { patient, kind, reason, words } = parsed.data
  const { leaseId, refusal } = await requestLease(actor, {
    patientId: patient,
    kind,
    reasonCode: reason,
    text: await sealNewText(words),
    tokens: await reasonTokens(words),
  })
  if (refusal === null) return { kind: 'requested', leaseId, patientId: patient }
  return {
    kind: 'problems',
    problems: [{ field: refusal === 'reason-repeated' ? 'words' : '', message: refusalText(refusal) }],
  }
}
