import 'server-only'

import { z } from 'zod'
import { sealNewText } from '#lib/accounts/sealed-text.ts'
import { reviewLease } from '#lib/audit/break-glass/steps.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { FieldProblem } from './view.ts'
import { refusalText } from './words.ts'

const input = z.object({
  decision: z.enum(['JUSTIFIED', 'NEEDS_INFO', 'UNJUSTIFIED', 'CONFIRMED', 'DISPUTED'], {
    error: 'Choose what you find',
  }),
  note: z
    .string()
    .trim()
    .min(15, 'Write at least 15 characters: what you looked at, and what speaks for it')
    .max(2000, 'At most 2,000 characters'),
})

/** What was decided is checked before a one-time code is spent on it. */
export function readReview(
  sent: unknown,
): { kind: 'read'; decision: string; note: string } | { kind: 'problems'; problems: FieldProblem[] } {
  const parsed = input.safeParse(sent)
  return parsed.success
    ? { kind: 'read', ...parsed.data }
    : {
        kind: 'problems',
        problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
      }
}

/**
 * Decides about an emergency access, or signs as the second person.
 * @returns why not, in a sentence; null when it is done
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function reviewBreakGlass(
  actor: Actor,
  leaseId: string,
  decision: string,
  note: string,
): Promise<string | null> {
  const refusal = await reviewLease(actor, leaseId, decision, await sealNewText(note))
  return refusal === null ? null : refusalText(refusal)
}
