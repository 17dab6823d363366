import 'server-only'

import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { pseudonym } from '#lib/crypto/pseudonym.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import type { TrailPageRow } from '#lib/audit/read-trail.ts'

/** Where a page begins: the last row of the page before. */
export type TrailPosition = { key: string | null; at: string; seq: string }

const shape = z.tuple([
  z.string().max(300).nullable(),
  z.string().regex(/^[0-9 :.+-]{10,40}$/),
  z.string().regex(/^\d{1,19}$/),
])

/**
 * The address of the next page: a position, signed for one search of one person in one order, so that no page begins where no
 * page ended, and a page's address says nothing in another search.
 * @param scope what it is good for
 */
export async function makeCursor(scope: string, row: TrailPageRow): Promise<string> {
  const payload = Buffer.from(JSON.stringify([row.sort_key, row.at_exact, row.seq])).toString('base64url')
  return `${payload}.${await sign(scope, payload)}`
}

/** The position in a cursor; null when it was not made here for this scope. */
export async function readCursor(scope: string, cursor: string): Promise<TrailPosition | null> {
  const [payload = '', signature = ''] = cursor.slice(0, 1000).split('.')
  const expected = Buffer.from(await sign(scope, payload))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const [key, at, seq] = shape.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return { key, at, seq }
}

async function sign(scope: string, payload: string): Promise<string> {
  return pseudonym(await (await processKeyStore()).identityKey(), 'trail-cursor', `${scope}\n${payload}`)
}
