import 'server-only'

import { createHash } from 'node:crypto'

/*
 * A named statement is parsed and planned once per connection instead of once per call. Each one holds memory in every
 * backend, so only texts that come again get a name, and not without end: lists of differing length make a new
 * text each.
 */
const namesMax = 250
const textLengthMax = 8_000
const seenOnce = new Set<string>()
const names = new Map<string, string>()

/** The name under which a statement is kept prepared; empty for one that is sent as it is. */
export function statementName(text: string): string {
  const name = names.get(text)
  if (name !== undefined) return name
  if (text.length > textLengthMax || names.size >= namesMax) return ''
  if (!seenOnce.has(text)) {
    if (seenOnce.size > 5_000) seenOnce.clear()
    seenOnce.add(text)
    return ''
  }
  seenOnce.delete(text)
  const made = `v${createHash('sha256').update(text).digest('base64url').slice(0, 20)}`
  names.set(text, made)
  return made
}
