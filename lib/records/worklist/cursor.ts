import 'server-only'

import { z } from 'zod'
import type { PatientCursor } from '#lib/phi/find-my-patients.ts'

const shape = z.tuple([z.iso.datetime({ offset: true }).nullable(), z.uuid()])

/** A place in the list as text for an address: a time and an opaque id, nothing that says who it is. */
export function writeCursor(cursor: PatientCursor): string {
  return Buffer.from(JSON.stringify([cursor.attentionAt, cursor.patientId])).toString('base64url')
}

/** Reads a place in the list; anything that is none means the beginning. */
export function readCursor(text: string | undefined): PatientCursor | null {
  if (text === undefined || text.length > 200) return null
  try {
    const [attentionAt, patientId] = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { attentionAt, patientId }
  } catch {
    return null
  }
}
