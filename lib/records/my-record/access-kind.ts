import 'server-only'

import { actorKind } from './access-words.ts'
import type { AccessRow } from './group-accesses.ts'

/** What the list can be narrowed to: everything, people of the clinic, emergencies, refused attempts, programs. */
export const accessKinds = ['all', 'people', 'emergency', 'refused', 'jobs'] as const
export type AccessKind = (typeof accessKinds)[number]

/** Reads the kind of an address; whatever is none means everything. */
export function readAccessKind(text: string | undefined): AccessKind {
  return accessKinds.find((kind) => kind === text) ?? 'all'
}

/** Whether a row belongs to what the list is narrowed to. */
export function isOfKind(row: Pick<AccessRow, 'actor' | 'refused' | 'emergency'>, kind: AccessKind): boolean {
  switch (kind) {
    case 'all':
      return true
    case 'people':
      return actorKind(row.actor) !== 'job'
    case 'emergency':
      return row.emergency && !row.refused
    case 'refused':
      return row.refused
    case 'jobs':
      return actorKind(row.actor) === 'job'
  }
}
