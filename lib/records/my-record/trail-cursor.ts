import 'server-only'

import { z } from 'zod'
import type { TrailPlace } from './trail-pages.ts'

const shape = z.tuple([z.string().regex(/^[0-9:. +-]{19,40}$/), z.string().regex(/^[0-9]{1,19}$/)])

/** A place in the trail as text for an address: an instant to the microsecond and a running number. */
export function writeTrailCursor(place: TrailPlace): string {
  return Buffer.from(JSON.stringify([place.at, place.seq])).toString('base64url')
}

/** Reads a place; anything that is none means the beginning. */
export function readTrailCursor(text: string | undefined): TrailPlace | null {
  if (text === undefined || text.length > 200) return null
  try {
    const [at, seq] = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return Number.isNaN(Date.parse(at.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))) ? null : { at, seq }
  } catch {
    return null
  }
}
