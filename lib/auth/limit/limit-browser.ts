import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitDoor, type DoorOutcome } from './limit-door.ts'

/**
 * `limitDoor` for doors through which people come to work every day, and at which nothing can be guessed. A browser in which somebody
 * signed in before is counted by itself: otherwise one telephone in the waiting room, which has the address of the whole clinic, could
 * keep everybody there from signing in.
 * @throws RecordUnavailable when the database does not answer: then nothing may go on either
 */
export async function limitBrowser(door: 'passkey' | 'sso', client: Client): Promise<DoorOutcome> {
  if (client.device) {
    const { known } = await authQueryOne(
      z.object({ known: z.boolean() }),
      'SELECT app.is_known_browser($1) AS known',
      [client.device],
    )
    if (known)
      return limitDoor(door, { client, subject: `browser ${client.device.toString('hex')}`, isKnown: true })
  }
  return limitDoor(door, { client })
}
