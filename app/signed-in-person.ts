import 'server-only'

import type { SignedInPerson } from '#components/shell/signed-in-as.tsx'
import { countUnreadNotices } from '#lib/accounts/notices/count-unread-notices.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames } from '#lib/policy/roles.ts'

/** What the foot of the staff rail says of whoever is signed in. */
export async function signedInPerson(actor: Actor): Promise<SignedInPerson> {
  return {
    name: actor.displayName,
    roleName: roleNames[actor.role],
    unreadNotices: await countUnreadNotices(actor),
  }
}
