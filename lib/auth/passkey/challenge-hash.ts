import 'server-only'

import { createHash } from 'node:crypto'

/** What the database keeps of a challenge that was answered. @param challenge base64url */
export function challengeHash(challenge: string): Buffer {
  return createHash('sha256').update(challenge, 'utf8').digest()
}
