import { keepMailLink } from '#lib/auth/mail-link.ts'
import { seeOther } from '#lib/auth/see-other.ts'
import { paths } from '#lib/paths.ts'

type Context = { params: Promise<{ purpose: string; token: string }> }

const pageOf = { 'not-me': paths.notMe, recovery: paths.resetPassword, 'new-address': paths.confirmAddress }

/**
 * Where the link of a letter leads: its token goes into a sealed cookie, and the browser on to a page without it in its address.
 * Nothing is looked up and nothing done: mail scanners open links as well.
 */
export async function GET(_: Request, { params }: Context): Promise<Response> {
  const { purpose, token } = await params
  const kept = await keepMailLink(purpose, token)
  const answer = seeOther(kept === null ? paths.signIn : pageOf[kept])
  answer.headers.set('Referrer-Policy', 'no-referrer')
  return answer
}
