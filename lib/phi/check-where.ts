import 'server-only'

import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import { wantedTokens } from './indexes.ts'
import { asList, asObject, isPlainObject } from './plain-object.ts'
import { RefusedQuery } from './record-error.ts'
import { nameOf, modelOf, models, type EncryptedField, type Model, type Relation } from './registry.ts'
import type { Args } from './operation-context.ts'

/** What a filter is checked with. `patients` are those admitted: per-patient tokens are made for them alone. */
export type WhereContext = { readonly indexKeys: IndexKeys | null; readonly patients: readonly string[] }

const indexedNames = new Set(
  [...models.values()].flatMap((model) =>
    [...model.encrypted.values()].filter((field) => field.tokens.length > 0).map((field) => field.name),
  ),
)

/** Whether a filter may need index keys; a cheap look, so that ordinary filters do not wait for the key store. */
export function mentionsIndex(where: unknown): boolean {
  if (Array.isArray(where)) return where.some(mentionsIndex)
  if (!isPlainObject(where)) return false
  return Object.entries(where).some(([key, value]) => indexedNames.has(key) || mentionsIndex(value))
}

/**
 * A filter that may be sent: encrypted columns appear in it only as equality with a blind index, rewritten to the
 * token column. Compound unique keys are spread into their fields, so that the result also serves findFirst.
 * @throws RefusedQuery before any SQL, so that no value of a record is ever a parameter
 */
export function checkWhere(context: WhereContext, model: Model, where: unknown): Args {
  if (where === undefined) return {}
  const all: Args[] = []
  const checked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(asObject(model.name, 'where', where))) {
    const unique = model.uniques.get(key)
    if (value === undefined) continue
    if (key === 'AND' || key === 'OR' || key === 'NOT') {
      checked[key] = asList(value).map((part) => checkWhere(context, model, part))
    } else if (unique) {
      all.push(checkWhere(context, model, value))
    } else if (model.encrypted.has(key)) {
      all.push(checkIndexed(context, model, key, value, asObject(model.name, 'where', where)))
    } else if (model.plain.has(key) && !model.tokens.has(key)) {
      checked[key] = checkFilter(model, key, value)
    } else {
      const relation = model.relations.get(key)
      if (!relation) throw new RefusedQuery(model.name, `${nameOf(model, key)} cannot be filtered by`)
      checked[key] = checkRelation(context, relation, value)
    }
  }
  if (all.length > 0) checked['AND'] = [...asList(checked['AND'] ?? []), ...all]
  return checked
}

/** @throws RefusedQuery unless the filter names one row: with every key undefined, Prisma would take the first it finds */
export function assertUnique(model: Model, where: unknown): void {
  const named = Object.entries(asObject(model.name, 'where', where)).some(
    ([key, value]) =>
      value !== undefined && value !== null && (model.uniqueFields.has(key) || model.uniques.has(key)),
  )
  if (!named) throw new RefusedQuery(model.name, 'where must name one row by a unique key')
}

function checkIndexed(
  context: WhereContext,
  model: Model,
  name: string,
  value: unknown,
  siblings: Args,
): Args {
  const field = model.encrypted.get(name) as EncryptedField
  const wanted = field.tokens.length === 0 ? undefined : equalTo(value)
  if (wanted === undefined) {
    throw new RefusedQuery(model.name, `${name} is encrypted and has no index for this filter`)
  }
  if (wanted === null) return Object.fromEntries(field.tokens.map((token) => [token, null]))
  const keys = context.indexKeys
  if (!keys) throw new RefusedQuery(model.name, `${name} cannot be filtered by here`)
  const own = siblings['patientId']
  const patients = typeof own === 'string' ? [own] : context.patients
  const { place, tokens } = wantedTokens(keys, field.cell.id, patients, wanted)
  return { [field.tokens[place] ?? '']: { in: tokens } }
}

/** The texts that an equality filter asks for; null for `is null`; undefined for any other kind of filter. */
function equalTo(value: unknown): readonly string[] | null | undefined {
  if (value === null) return null
  if (typeof value === 'string') return [value]
  if (!isPlainObject(value) || Object.keys(value).length !== 1) return undefined
  if ('equals' in value)
    return value['equals'] === null || typeof value['equals'] === 'string'
      ? equalTo(value['equals'])
      : undefined
  const list = value['in']
  return Array.isArray(list) && list.every((text) => typeof text === 'string') ? list : undefined
}

const filterKeys = new Set([
  'equals', 'in', 'notIn', 'lt', 'lte', 'gt', 'gte', 'not', 'contains', 'startsWith', 'endsWith', 'mode', 'has', 'hasSome',
  'hasEvery', 'isEmpty',
]) // prettier-ignore

/** A filter on a plain column. References to other columns are refused: one side could be ciphertext. */
function checkFilter(model: Model, name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => checkFilter(model, name, part))
  if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array)
    return value
  if (!isPlainObject(value))
    throw new RefusedQuery(model.name, `${name} is compared with something that is not a value`)
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (!filterKeys.has(key)) throw new RefusedQuery(model.name, `${name} has a filter that is not known`)
      return [key, checkFilter(model, name, part)]
    }),
  )
}

const relationKeys = new Set(['some', 'every', 'none', 'is', 'isNot'])

function checkRelation(context: WhereContext, relation: Relation, value: unknown): unknown {
  const target = modelOf(relation.model)
  if (value === null) return null
  const given = asObject(target.name, relation.name, value)
  const keys = Object.keys(given)
  if (keys.length > 0 && keys.every((key) => relationKeys.has(key))) {
    return Object.fromEntries(
      keys.map((key) => [key, given[key] === null ? null : checkWhere(context, target, given[key])]),
    )
  }
  return checkWhere(context, target, given)
}
