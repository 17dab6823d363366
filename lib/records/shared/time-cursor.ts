import 'server-only'

import { z } from 'zod'

/** A place in a list that is ordered by a time, newest first, and then by id. */
export type TimeCursor = { at: string; id: string }

const shape = z.tuple([z.iso.datetime({ offset: true }), z.uuid()])

/** The place as text for an address: a time and an opaque id. */
export function writeTimeCursor(cursor: TimeCursor): string {
  return Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString('base64url')
}

/** Reads a place; anything that is none means the beginning. */
export function readTimeCursor(text: string | undefined): TimeCursor | null {
  if (text === undefined || text.length > 200) return null
  try {
    const [at, id] = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { at, id }
  } catch {
    return null
  }
}
