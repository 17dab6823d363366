import 'server-only'

import { asList, asObject, isPlainObject } from './plain-object.ts'
import { RefusedQuery } from './record-error.ts'
import { nameOf, modelOf, type Model } from './registry.ts'

/** No list is longer (requirement B5). */
export const takeMax = 500

/** @throws RefusedQuery unless `take` is a whole number from 1 to 500; negative counts from the end, as Prisma has it */
export function checkTake(model: Model, take: unknown): number {
  if (typeof take !== 'number' || !Number.isInteger(take) || take === 0 || Math.abs(take) > takeMax) {
    throw new RefusedQuery(model.name, `a list needs take, from 1 to ${takeMax}`)
  }
  return take
}

/** Sorting by plain columns only: the order of ciphertexts means nothing, and Postgres would be sent no value for it. */
export function checkOrder(model: Model, order: unknown): void {
  for (const part of asList(order)) {
    for (const [key, value] of Object.entries(asObject(model.name, 'orderBy', part))) {
      const relation = model.relations.get(key)
      if (relation && isPlainObject(value)) {
        if (Object.keys(value).join() !== '_count') checkOrder(modelOf(relation.model), value)
      } else if (!isSortable(model, key)) {
        throw new RefusedQuery(model.name, `${nameOf(model, key)} cannot be sorted by`)
      }
    }
  }
}

/** A cursor names a row by plain unique fields. */
export function checkCursor(model: Model, cursor: unknown): void {
  for (const [key, value] of Object.entries(asObject(model.name, 'cursor', cursor))) {
    const fields = model.uniques.has(key) ? asObject(model.name, 'cursor', value) : { [key]: value }
    for (const [name, part] of Object.entries(fields)) {
      if (!isSortable(model, name) || isPlainObject(part))
        throw new RefusedQuery(model.name, `${nameOf(model, name)} cannot be a cursor`)
    }
  }
}

export function checkDistinct(model: Model, distinct: unknown): void {
  for (const name of asList(distinct)) {
    if (typeof name !== 'string' || !isSortable(model, name)) {
      throw new RefusedQuery(model.name, 'distinct works on plain columns only')
    }
  }
}

function isSortable(model: Model, name: string): boolean {
  return model.plain.has(name) && !model.tokens.has(name)
}
