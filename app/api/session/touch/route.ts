import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { answerWithTimes } from '#lib/auth/answer-with-times.ts'

/** A person used the page: the fifteen minutes begin anew. Answers when the session warns and ends now, or 401. */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  return answerWithTimes('touch')
}
