import 'server-only'

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitDoor } from '#lib/auth/limit/limit-door.ts'
import { scimError } from './scim-answer.ts'

/** Who calls: the hash of a token that is good, and from where. */
export type ScimCaller = { hash: Buffer; client: Client }

/** What app.scim_token holds of a token. It is random and long, so a fast hash is enough. */
export const scimTokenHash = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest()

/**
 * Lets in whoever has a bearer token that is good (RFC 6750); the same answer for none and for a wrong one. Wrong ones are counted by
 * address and network, and written down.
 * @throws RecordUnavailable
 */
export async function admitScim(request: Request, client: Client): Promise<ScimCaller | Response> {
  const turn = await limitDoor('scim', { client })
  if (turn.kind === 'wait')
    return scimError(
      { status: 429, message: 'Too many requests without a good token.', scimType: undefined },
      {
        'Retry-After': String(turn.seconds),
      },
    )
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.get('authorization') ?? '')?.[1]
  const hash = scimTokenHash(token ?? '')
  const { good } = await authQueryOne(
    z.object({ good: z.boolean() }),
    'SELECT app.scim_admit($1, $2) AS good',
    [hash, client.ip],
  )
  if (!good)
    return scimError(
      { status: 401, message: 'A bearer token is needed.', scimType: undefined },
      {
        'WWW-Authenticate': 'Bearer realm="scim"',
      },
    )
  await turn.giveBack()
  return { hash, client }
}
