import 'server-only'

import { brandActor, type Actor } from '#lib/policy/actor.ts'
import type { SessionTimes } from '#lib/auth/session-times.ts'

/* Takes the place of sign-in in the product that benchmarks are compared with: everybody is the same nurse, and nothing is asked. */

export function requireActor(): Promise<Actor> {
  return Promise.resolve(
    brandActor({
      accountId: '00000000-0000-4000-8000-000000000000',
      role: 'nurse',
      displayName: 'A nurse',
      sessionToken: '',
      clientIp: null,
    }),
  )
}

export function sessionTimes(): Promise<SessionTimes> {
  const serverNow = Date.now()
  return Promise.resolve({
    idleExpiresAt: serverNow + 900_000,
    absoluteExpiresAt: serverNow + 43_200_000,
    serverNow,
  })
}
