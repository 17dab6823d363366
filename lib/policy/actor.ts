import type { Role } from './roles.ts'

declare const actorBrand: unique symbol

/**
 * Whoever acts: the first argument of everything that touches a record. Only `lib/auth/require-actor` and
 * `lib/auth/as-proven-person` (a person) and `lib/phi/service-actor` (a job) make one, from a session that the database knows; the database looks the session up
 * again at every access and never believes the other fields.
 */
export type Actor = {
  readonly accountId: string
  readonly role: Role
  /** Staff are known by name; a patient's name stands in the record alone, so it is empty here. */
  readonly displayName: string
  /** The raw session token: a secret, never logged, never sent to the browser's scripts. */
  readonly sessionToken: string
  readonly clientIp: string | null
  readonly [actorBrand]: true
}

export type ActorFields = Omit<Actor, typeof actorBrand>

/** Brands a checked session as an actor. For the three makers named above; a layer rule keeps everybody else out. */
export function brandActor(fields: ActorFields): Actor {
  return fields as Actor
}
