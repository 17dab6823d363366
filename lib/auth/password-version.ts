import 'server-only'

import { z } from 'zod'
import { authQueryOne } from './auth-query.ts'

/**
 * What tells the password that an account has now from the next one, for a browser to carry along sealed between showing it and
 * setting up a second factor. It says nothing of the password.
 * @returns base64url; null where there is no password
 */
export async function passwordVersion(accountId: string): Promise<string | null> {
  const { version } = await authQueryOne(
    z.object({ version: z.instanceof(Buffer).nullable() }),
    'SELECT app.password_version($1) AS version',
    [accountId],
  )
  return version?.toString('base64url') ?? null
}
