import { thisClient } from '#lib/auth/client.ts'
import { limitDoor } from '#lib/auth/limit/limit-door.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { hasSingleSignOn } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { takeLogoutToken } from '#lib/auth/single-sign-on/take-logout-token.ts'
import { VigilError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'

/**
 * Where the identity provider says that somebody signed out there: their sessions here end with it (OpenID Connect Back-Channel
 * Logout 1.0 §2.5, §2.8). It comes from a server and has no cookie; what it says is believed by its signature alone.
 */
export async function POST(request: Request): Promise<Response> {
  if (!hasSingleSignOn()) return answer(404)
  const form = await readSmallForm(request)
  if (form === null) return answer(400, 'invalid_request')
  const token = form.get('logout_token')
  if (token === null || token === '') return answer(400, 'invalid_request')
  try {
    const turn = await limitDoor('sso', { client: await thisClient() })
    if (turn.kind === 'wait') return answer(429, 'slow_down', { 'Retry-After': String(turn.seconds) })
    const outcome = await takeLogoutToken(token, await thisClient())
    if (outcome.kind === 'refused') return answer(400, 'invalid_request')
    await turn.giveBack()
    return answer(200)
  } catch (cause) {
    if (!(cause instanceof VigilError)) throw cause
    log('request.failed', {
      place: 'auth.provider-logout',
      reference: cause.reference,
      errorName: cause.name,
    })
    return answer(503, 'temporarily_unavailable')
  }
}

function answer(status: number, error?: string, headers: Record<string, string> = {}): Response {
  const init = { status, headers: { 'Cache-Control': 'no-store', ...headers } }
  return error === undefined ? new Response(null, init) : Response.json({ error }, init)
}
