import 'server-only'
import type { KeySettings } from '#lib/keys/key-settings.ts'
import { carryOutShredding, type Shredded, type ShredStep } from '#lib/phi/shred/carry-out-shredding.ts'
import { reapplyShredding, type Reapplied } from '#lib/phi/shred/reapply-shredding.ts'
import { listShredRequests, type ShredState } from '#lib/phi/shred/shred-request.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** What was found unfinished, and what became of it. */
export type FinishedShredding = {
  readonly finished: readonly Shredded[]
  readonly refused: readonly { requestId: string; refusal: string }[]
  readonly reapplied: Reapplied
}

/**
 * Finishes destructions that did not come to their end, and makes records and key store agree again after a restore.
 * @param states which requests are gone on with. One that is confirmed and not begun can still be taken back, and a restored database
 *   may not know that it was: only a person who says so may begin it.
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export const finishShredding = (
  settings: KeySettings,
  states: readonly ShredState[],
  reached: (step: ShredStep) => void = () => undefined,
): Promise<FinishedShredding> =>
  asService('key-shredding', async (job) => {
    const finished: Shredded[] = []
    const refused: { requestId: string; refusal: string }[] = []
    for (const { requestId, state } of await listShredRequests(job)) {
      if (!states.includes(state)) continue
      const done = await carryOutShredding(job, settings, requestId, reached)
      if ('refusal' in done) refused.push({ requestId, refusal: done.refusal })
      else finished.push(done)
    }
    return { finished, refused, reapplied: await reapplyShredding(job, settings) }
  })

/** Those whose destruction began: nobody can take them back any more. */
export const begunStates = ['started', 'keys-destroyed', 'tokens-removed'] as const satisfies ShredState[]
