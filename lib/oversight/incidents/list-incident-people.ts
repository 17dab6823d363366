import 'server-only'

import { listTrailActors } from '#lib/oversight/trail/list-actors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'

/** Members of staff whom an incident can be about: all but the reader, who opens none about themselves, and jobs. */
export async function listIncidentPeople(
  actor: Pick<Actor, 'sessionToken' | 'accountId'>,
): Promise<{ value: string; label: string }[]> {
  const people = await listTrailActors(actor)
  return people
    .filter(({ accountId, role }) => accountId !== actor.accountId && role !== 'service')
    .map(({ accountId, name, role }) => ({
      value: accountId,
      label: `${name}, ${roleNames[role as Role] ?? role}`,
    }))
}
