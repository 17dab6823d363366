import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect } from '#lib/records/shared/banner.ts'
import type { PortalAccessView } from './view.ts'

/** What the desk reads of a record: who it is and how to reach them. */
export const deskSelect = {
  ...bannerSelect,
  patientContacts: { take: 20, select: { id: true, kind: true, value: true, address: true } },
} as const

type NameRow = { familyName: string; givenName: string | null; preferredName: string | null }

/**
 * Whether a record bears the name of whoever is at the desk: then somebody else has to prove who they are. Staff who are also
 * patients have two logins that nothing ties together, so the name is all there is to see.
 */
export function bearsNameOf(actor: Actor, { familyName, givenName, preferredName }: NameRow): boolean {
  const own = plain(actor.displayName)
  return [givenName, preferredName].some(
    (given) => given !== null && own !== '' && plain(`${given} ${familyName}`) === own,
  )
}

/** Why no code can be handed out for a record, if so. */
export function hindranceOf(
  actor: Actor,
  row: NameRow & { birthDate: string | null; deceasedAt: string | null },
): PortalAccessView['hindrance'] {
  if (row.deceasedAt !== null && row.deceasedAt !== '' && row.deceasedAt !== 'false') return 'deceased'
  if (row.birthDate === null) return 'no-birth-date'
  return bearsNameOf(actor, row) ? 'own-record' : null
}

/** A name without titles, middle initials, accents and case. */
function plain(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 1 && !titles.has(word))
  const [first = '', last = ''] = [words[0], words.at(-1)]
  return words.length < 2 ? words.join('') : `${first} ${last}`
}

const titles = new Set(['dr', 'md', 'rn', 'np', 'pa', 'do', 'phd', 'prof', 'mr', 'ms', 'mrs', 'jr', 'sr'])
