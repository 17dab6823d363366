import 'server-only'

import { sealData, unsealData } from 'iron-session'
import { z } from 'zod'
import { safeReturnPath } from './return-path.ts'
import { sessionSecret, sessionSecrets } from './session-secret.ts'

/** As long as a locked session may rest. */
const secondsValid = 15 * 60

/** Seals a path for one hop through the browser, so that an address bar or a history shows nothing of it. */
export async function sealPath(path: string): Promise<string> {
  return sealData({ path }, { password: sessionSecret('sealed path'), ttl: secondsValid })
}

/** The path that was sealed a moment ago, or null for anything else. */
export async function unsealPath(sealed: string | null): Promise<string | null> {
  if (sealed === null) return null
  for (const password of sessionSecrets('sealed path')) {
    const data = await unsealData(sealed, { password, ttl: secondsValid })
    const parsed = z.object({ path: z.string() }).safeParse(data)
    if (parsed.success) return safeReturnPath(parsed.data.path)
  }
  return null
}
