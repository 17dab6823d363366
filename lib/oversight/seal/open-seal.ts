import 'server-only'

import { readSealStatus, type SealStatus } from '#lib/audit/read-seal-status.ts'
import type { SealView } from './view.ts'

/** How the seal of the trail stands, for the pages of compliance. What is worst is said. */
export async function openSeal(): Promise<SealView> {
  const status = await readSealStatus()
  return {
    state: stateOf(status),
    verifiedLeaves: status.verifiedLeaves,
    verifiedAt: status.verifiedAt?.toISOString() ?? null,
  }
}

function stateOf(status: SealStatus): SealView['state'] {
  if (status.verifiedOk === false) return 'changed'
  if (status.stale) return 'stale'
  if (status.leaves === null) return 'none'
  return status.verifiedOk === null ? 'unverified' : 'intact'
}
