import 'server-only'

import type { z } from 'zod'
import { ScimRefusal } from './scim-answer.ts'

/** Room for a group of some three thousand. */
const bytesMax = 262_144

/**
 * Reads a request's JSON, and no more of it than fits a group, whatever the sender announces.
 * @throws ScimRefusal for anything that has not the shape
 */
export async function readScimBody<Shape extends z.ZodType>(
  request: Request,
  shape: Shape,
): Promise<z.infer<Shape>> {
  if (!/^application\/(scim\+)?json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new ScimRefusal(400, 'Send application/scim+json.', 'invalidSyntax')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > bytesMax) throw new ScimRefusal(413, 'The request is too long.')
    chunks.push(chunk)
  }
  const parsed = shape.safeParse(jsonOf(Buffer.concat(chunks).toString('utf8')))
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new ScimRefusal(400, `Not as it should be: ${where === '' ? 'the document' : where}.`, 'invalidValue')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ScimRefusal(400, 'This is no JSON.', 'invalidSyntax')
  }
}
