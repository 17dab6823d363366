import 'server-only'

import { countOpenCases } from '#lib/audit/read-watching.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** How many cases wait for this officer, up to 100. A number alone, so that asking for it is no reading of them. */
export function countCases(actor: Actor): Promise<number> {
  return countOpenCases(actor)
}
