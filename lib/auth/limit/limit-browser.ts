import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitDoor, type DoorOutcome } from './limit-door.ts'

/**
 * `limitDoor` for doors through which people come to work every day, and at which nothing can be guessed. A browser in which somebody
 * signed in before is counted by itself: otherwise one telephone in the waiting room, which has the address of the whole clinic, could
 * keep everybody there from signing in.
 * @param subject what else is counted, from wherever it comes: the address that is asked for
 * @throws RecordUnavailable when the database does not answer: then nothing may go on either
 */
export async function limitBrowser(
  door: 'passkey' | 'sso' | 'recovery',
  client: Client,
  subject?: string,
): Promise<DoorOutcome> {
  const also = subject === undefined ? {} : { subject }
  if (!client.device || !(await isKnownBrowser(client.device))) return limitDoor(door, { client, ...also })
  const browser = await limitDoor(door, {
    client,
    subject: `browser ${client.device.toString('hex')}`,
    isKnown: true,
  })
  if (browser.kind === 'wait' || subject === undefined) return browser
  const outcome = await limitDoor(door, { client, subject, isKnown: true })
  if (outcome.kind === 'wait') {
    await browser.giveBack()
    return outcome
  }
  return {
    kind: 'go-on',
    giveBack: async () => void (await Promise.all([browser.giveBack(), outcome.giveBack()])),
  }
}

async function isKnownBrowser(device: Buffer): Promise<boolean> {
  const row = z.object({ known: z.boolean() })
  return (await authQueryOne(row, 'SELECT app.is_known_browser($1) AS known', [device])).known
}
