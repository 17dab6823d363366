import 'server-only'
import { Refused } from '#lib/errors.ts'
import { defaultKeyLimits } from '#lib/keys/key-settings.ts'
import { listDestroyedOwners } from '#lib/keys/list-destroyed-owners.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import type { CommandInput, CommandOutput } from '#lib/ops/cli/command.ts'
import { asPerson } from '#lib/ops/retention/as-person.ts'
import { idOption, refused } from '#lib/ops/retention/retention-words.ts'
import { unmarkRecord } from '#lib/phi/shred/unmark-record.ts'
import type { Env } from '#lib/parse-env.ts'
import { keySettings } from './with-key-source.ts'

/** How the second person says who they are. */
export const secondOptions = {
  second: { type: 'string' },
  'second-code': { type: 'string' },
  'second-password-file': { type: 'string' },
} as const

/**
 * `vigil keys shred --unmark PATIENT --as EMAIL --second EMAIL`: two persons open a record again that was marked as destroyed
 * without two persons. Refused when its keys are destroyed: then nothing of it opens, and the mark is right.
 */
export async function unmark({ options: given, env }: CommandInput): Promise<CommandOutput> {
  const patientId = idOption(given['unmark'], '--unmark')
  if (await isDestroyed(env, patientId))
    throw new Refused('The keys of this record are destroyed: the mark is right, and stays.')
  const second = {
    as: given['second'],
    code: given['second-code'],
    'password-file': given['second-password-file'],
  }
  const refusal = await asPerson(given, (one) =>
    asPerson(second, (other) => unmarkRecord(one, other, patientId), '--second'),
  )
  if (refusal !== null) throw refused(refusal)
  return {
    ok: true,
    text: 'The mark is taken back: the record opens again. "vigil keys rotate --index" makes search tokens that may be missing.',
    json: { patientId, unmarked: true },
  }
}

async function isDestroyed(env: Env, patientId: string): Promise<boolean> {
  const database = openOperatorPool(keySettings(env), defaultKeyLimits)
  try {
    return (await listDestroyedOwners(database)).some(({ owner }) => owner === patientId)
  } finally {
    await database.end()
  }
}
