import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { landingPath } from '#lib/paths.ts'

/** The address without a path: on to where the person's role begins, or to the sign-in. */
export default async function StartPage() {
  const actor = await requireActor()
  redirect(landingPath(actor.role))
}
