import { answerWithTimes } from '#lib/auth/answer-with-times.ts'

/** When the session ends, without counting as use: what a tab asks before it shows its page again. 401 when it is over. */
export async function GET(): Promise<Response> {
  return answerWithTimes('peek')
}
