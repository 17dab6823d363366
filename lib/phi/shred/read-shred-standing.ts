import 'server-only'

import type { Pool } from 'pg'
import { z } from 'zod'
import { listDestroyedOwners } from '#lib/keys/list-destroyed-owners.ts'
import { listLivingOwners } from '#lib/keys/list-living-owners.ts'

/** Where the records and the key store disagree about what is destroyed, and what was begun and not finished. */
export type ShredStanding = {
  /** patients whose keys are destroyed and whom the records do not know as destroyed: they were restored from before */
  readonly unmarked: readonly { patientId: string; destroyedAt: Date }[]
  /** the same, and a legal hold stands on the record: nothing is done */
  readonly held: readonly string[]
  /** patients whom two persons destroyed, and whose keys are there: the key store was restored from before */
  readonly keysAlive: readonly string[]
  /** patients marked as destroyed without two persons, and whose keys are not destroyed */
  readonly unasked: readonly string[]
  /** requests that were confirmed, and not begun */
  readonly confirmed: readonly string[]
  /** requests whose destruction began, and is not finished */
  readonly begun: readonly string[]
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const rows = z.array(
  z.object({
    standing: z.enum(['unmarked', 'held', 'asked', 'unasked', 'confirmed', 'begun']),
    id: z.string(),
  }),
)

/** The statement for the database, with the token of a session of the job `key-shredding`, and the patients. */
export const standingText = 'SELECT standing, id FROM audit.shred_standing($1, $2::uuid[])'

/**
 * Compares both sides. Reads only, in three statements however many records were destroyed.
 * @param keys the key store, on the operator's login
 * @param ask sends `standingText` with the patients, on the login for jobs
 * @throws what the two databases throw
 */
export async function readShredStanding(
  keys: Pool,
  ask: (patients: readonly string[]) => Promise<unknown>,
): Promise<ShredStanding> {
  const destroyed = (await listDestroyedOwners(keys)).filter(({ owner }) => uuid.test(owner))
  const found = rows.parse(await ask(destroyed.map(({ owner }) => owner)))
  const idsOf = (standing: (typeof found)[number]['standing']) =>
    found.filter((each) => each.standing === standing).map(({ id }) => id)
  const unmarked = new Set(idsOf('unmarked'))
  return {
    unmarked: destroyed
      .filter(({ owner }) => unmarked.has(owner))
      .map(({ owner, at }) => ({ patientId: owner, destroyedAt: at })),
    held: idsOf('held'),
    keysAlive: await listLivingOwners(keys, idsOf('asked')),
    unasked: idsOf('unasked'),
    confirmed: idsOf('confirmed'),
    begun: idsOf('begun'),
  }
}
