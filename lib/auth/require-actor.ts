import 'server-only'

import { cookies, headers } from 'next/headers'
import { forbidden, redirect } from 'next/navigation'
import { cache } from 'react'
import { z } from 'zod'
import { paths, withQuery } from '#lib/paths.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { areaOfRole, type Area } from '#lib/policy/roles.ts'
import { authQuery } from './auth-query.ts'
import { notedClientAddress } from './client-address.ts'
import { lockedAddress } from './lock-session.ts'
import { safeReturnPath } from './return-path.ts'
import { sealPath } from './seal-path.ts'
import { touchSession, type SessionStanding } from './session.ts'
import { sessionCookie } from './session-cookie.ts'
import { timesOf, type SessionTimes } from './session-times.ts'
import { isSessionToken } from './session-token.ts'

/**
 * Who asks. Every page, route and action that is not public begins with this: a layout protects nothing, since it is
 * not drawn again when people move on.
 *
 * With an area it refuses people of another role's area (403, recorded). Without one it lets every signed-in person
 * through: for pages that are addressed by an opaque patient id, where the door decides and the page answers
 * notFound(), so that nobody learns whom the clinic treats.
 *
 * A locked session leads to the page that unlocks it, whatever was asked for.
 *
 * Does not return without a session: the browser is sent to a place that deletes the dead cookie and remembers the page.
 */
export async function requireActor(area?: Area): Promise<Actor> {
  const { standing, token, clientIp } = await thisSession()
  if (standing?.state === 'locked') redirect(await lockedAddress((await headers()).get('x-vigil-path')))
  if (standing?.state !== 'active' || token === null) redirect(await signInAddress())
  if (area !== undefined && areaOfRole[standing.role] !== area) {
    await recordRefusal(token, area, clientIp)
    forbidden()
  }
  return brandActor({
    accountId: standing.accountId,
    role: standing.role,
    displayName: standing.displayName,
    sessionToken: token,
    clientIp,
  })
}

type ThisSession = { standing: SessionStanding | null; token: string | null; clientIp: string | null }

/**
 * The session that the request's cookie names; asked for once per request, however many parts of a page want it.
 * Counts as use.
 */
export const thisSession = cache(async (): Promise<ThisSession> => {
  const given = await headers()
  const clientIp = notedClientAddress(given)
  const token = (await cookies()).get(sessionCookie)?.value
  if (!isSessionToken(token)) return { standing: null, token: null, clientIp }
  return { standing: await touchSession(token), token, clientIp }
})

/**
 * When this session warns and ends, for the SessionGuard of the page; null without a session.
 * All three are milliseconds since 1970 on the database's clock.
 */
export async function sessionTimes(): Promise<SessionTimes | null> {
  const { standing } = await thisSession()
  return standing?.state === 'active' ? timesOf(standing) : null
}

/** The address that ends what is left of a session; the page to come back to travels sealed, not readable. */
async function signInAddress(): Promise<string> {
  const path = safeReturnPath((await headers()).get('x-vigil-path'))
  return withQuery(paths.sessionOver, { to: path === null ? null : await sealPath(path) })
}

async function recordRefusal(token: string, area: Area, clientIp: string | null): Promise<void> {
  await authQuery(z.object({}), "SELECT audit.security_event($1, 'AREA_REFUSED', $2, $3)", [
    token,
    JSON.stringify({ area }),
    clientIp,
  ])
}
