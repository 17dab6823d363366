import 'server-only'

import type { Task } from '#components/ui/task-list.tsx'
import type { Actor } from '#lib/policy/actor.ts'
import type { AttentionSource } from './attention-source.ts'
import { caseAttention } from './cases.ts'
import { exportAttention } from './exports.ts'
import { retentionAttention } from './retention.ts'
import { reviewAttention } from './reviews.ts'
import { breakGlassAttention } from './break-glass.ts'
import { concernsAttention } from './concerns.ts'
import { disclosuresAttention } from './disclosures.ts'
import { sealAttention } from './seal.ts'

/** The parts that are asked, in the order in which their rows stand on the overview. One line each. */
const sources: readonly AttentionSource[] = [
  sealAttention,
  breakGlassAttention,
  caseAttention,
  concernsAttention,
  disclosuresAttention,
  reviewAttention,
  exportAttention,
  retentionAttention,
]

/** Everything that waits for a compliance officer, over all parts of the product. */
export async function openAttention(actor: Actor): Promise<Task[]> {
  return (await Promise.all(sources.map((source) => source(actor)))).flat()
}
