import { thisClient } from '#lib/auth/client.ts'
import { answerScim } from '#lib/auth/scim/answer-scim.ts'
import { scimError } from '#lib/auth/scim/scim-answer.ts'
import { VigilError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'

type Context = { params: Promise<{ scim: string[] }> }

/** Provisioning of staff by the identity provider (SCIM 2.0): for servers with a bearer token; a session opens nothing here. */
async function answer(request: Request, context: Context): Promise<Response> {
  try {
    return await answerScim(request, (await context.params).scim, await thisClient())
  } catch (cause) {
    if (!(cause instanceof VigilError)) throw cause
    log('request.failed', { place: 'auth.scim', reference: cause.reference, errorName: cause.name })
    return scimError(
      { status: 503, message: 'Try again later.', scimType: undefined },
      { 'Retry-After': '60' },
    )
  }
}

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT }
