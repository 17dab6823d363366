import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { oneAtATime } from '#lib/auth/one-at-a-time.ts'
import { limitDoor, type DoorOutcome } from './limit-door.ts'

/**
 * `limitDoor` for doors that open to a code or link too long to be guessed. A good one is held up by what was tried with itself, and not
 * by where it comes from: otherwise one telephone in the waiting room, which has the address of the whole clinic, could keep everybody
 * there from using theirs. It is counted as any other all the same, so that the answer to a good code with a wrong birth date takes as
 * long as the answer to a code that does not exist.
 * @param hash what the database knows the code or link by
 * @throws RecordUnavailable when the database does not answer: then nothing may go on either
 */
export async function limitCode(
  door: 'activation' | 'invitation' | 'mail-change' | 'this-wasnt-me',
  client: Pick<Client, 'ip'>,
  hash: Buffer,
): Promise<DoorOutcome> {
  // A flood looks on one connection, as it is counted on one.
  const { good } = await oneAtATime(`look at ${door}`, () =>
    authQueryOne(z.object({ good: z.boolean() }), 'SELECT app.is_good_code($1, $2) AS good', [door, hash]),
  )
  return limitDoor(door, { client, subject: hash.toString('hex'), isGood: good })
}
