import 'server-only'

import { localDay } from '#lib/format.ts'
import {
  actorInWords,
  actorKind,
  whatInWords,
  whyInWords,
  type AccessActor,
  type Reader,
} from './access-words.ts'
import { fieldsInWords } from './field-words.ts'
import type { AccessCountView, AccessDayView, AccessView } from './view.ts'

/** A row of the trail, as far as the list needs it. */
export type AccessRow = {
  id: string
  /** ISO instant */
  at: string
  actorId: string | null
  actor: AccessActor
  action: string
  view: string | null
  fields: unknown
  purpose: string | null
  refused: boolean
  /** under emergency access */
  emergency: boolean
}

/** Whether the patient or a person who acts for them did it: the list leaves it out unless it is asked for. */
export function isOwnSide(row: Pick<AccessRow, 'actor'>): boolean {
  const kind = actorKind(row.actor)
  return kind === 'patient' || kind === 'proxy'
}

/**
 * Days, newest first, each with what was done on it. The same thing done again by the same person on the same day is one
 * entry with all its times, and all that jobs did is one entry a kind: a worklist that is open all day would else
 * bury the one access that matters. Nothing is left out: the times add up to the rows.
 * @param rows newest first
 */
export function groupAccesses(rows: readonly AccessRow[], reader: Reader): AccessDayView[] {
  const days = new Map<string, Map<string, AccessView>>()
  for (const row of rows) {
    const day = localDay(row.at)
    const accesses = days.get(day) ?? new Map<string, AccessView>()
    days.set(day, accesses)
    const key = sameness(row)
    const known = accesses.get(key)
    if (known) addTo(known, row)
    else accesses.set(key, toView(row, reader))
  }
  return [...days].map(([day, accesses]) => ({ day, accesses: [...accesses.values()] }))
}

/** A job's many steps differ in their fields alone; of a person it matters which fields were opened when. */
function sameness({ actorId, actor, action, view, purpose, refused, emergency, fields }: AccessRow): string {
  const exactly = actorKind(actor) === 'job' ? null : fields
  return JSON.stringify([actorId, actor.relation, action, view, purpose, refused, emergency, exactly])
}

function addTo(access: AccessView, row: AccessRow): void {
  access.times.push(row.at)
  if (access.kind === 'job') access.details = union(access.details, fieldsInWords(row.fields))
}

function union(known: AccessView['details'], added: AccessView['details']): AccessView['details'] {
  const fields = new Map(known.map((detail) => [detail.about, new Set(detail.fields)]))
  for (const detail of added) {
    const set = fields.get(detail.about) ?? new Set()
    for (const field of detail.fields) set.add(field)
    fields.set(detail.about, set)
  }
  return [...fields].map(([about, set]) => ({ about, fields: [...set] }))
}

/** One row in the words of the list. */
export function toView(row: AccessRow, reader: Reader): AccessView {
  return {
    id: row.id,
    ...actorInWords(row.actor),
    kind: actorKind(row.actor),
    what: whatInWords(row.view, row.action, row.refused, reader),
    why: whyInWords(row.actor, row.purpose, row, reader),
    refused: row.refused,
    emergency: row.emergency && !row.refused,
    times: [row.at],
    details: row.refused ? [] : fieldsInWords(row.fields),
  }
}

/** Counts as rows come in: people and jobs who were let through, and attempts that were not. */
export class AccessCount {
  readonly #people = new Set<string>()
  readonly #jobs = new Set<string>()
  #refused = 0
  #emergencies = 0

  add(row: AccessRow): void {
    if (isOwnSide(row)) return
    if (row.emergency && !row.refused) this.#emergencies += 1
    if (row.refused) this.#refused += 1
    else if (actorKind(row.actor) === 'job') this.#jobs.add(row.actorId ?? '')
    else this.#people.add(row.actorId ?? row.id)
  }

  /** @param atLeast true when not all rows were counted */
  result(atLeast: boolean): AccessCountView {
    return {
      people: this.#people.size,
      jobs: this.#jobs.size,
      refused: this.#refused,
      emergencies: this.#emergencies,
      atLeast,
    }
  }
}
