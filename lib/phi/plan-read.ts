import 'server-only'

import { checkCursor, checkDistinct, checkOrder, checkTake } from './check-paging.ts'
import { checkWhere, type WhereContext } from './check-where.ts'
import { asObject } from './plain-object.ts'
import { RefusedQuery } from './record-error.ts'
import { nameOf, modelOf, type EncryptedField, type Model, type Relation } from './registry.ts'
import type { Args } from './operation-context.ts'
import type { Unit } from './unit.ts'

/** What is to be done with each row of a result. */
export type ReadPlan = {
  readonly model: Model
  readonly encrypted: readonly EncryptedField[]
  readonly relations: readonly { readonly name: string; readonly plan: ReadPlan }[]
  /** fields that were added to the select and are taken off the result again */
  readonly added: readonly string[]
}

const listKeys = new Set(['select', 'where', 'orderBy', 'cursor', 'take', 'skip', 'distinct'])

/**
 * Checks the arguments of a read and completes them.
 * @param list whether the result can have several rows, so that it needs a limit
 * @throws RefusedQuery, UndeclaredField before any SQL
 */
export function planRead(
  unit: Unit,
  context: WhereContext,
  model: Model,
  args: Args,
  list: boolean,
): { args: Args; plan: ReadPlan } {
  const checked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(args)) {
    if (value === undefined) continue
    if (!listKeys.has(key))
      throw new RefusedQuery(model.name, `${nameOf(model, key)} is not allowed: name the fields with select`)
    checked[key] = key === 'where' ? checkWhere(context, model, value) : value
  }
  if (args['orderBy'] !== undefined) checkOrder(model, args['orderBy'])
  if (args['cursor'] !== undefined) checkCursor(model, args['cursor'])
  if (args['distinct'] !== undefined) checkDistinct(model, args['distinct'])
  if (list) checkTake(model, args['take'])
  const { select, plan } = planSelect(unit, context, model, args['select'])
  return { args: { ...checked, select }, plan }
}

/** Checks what a call wants back, and adds the ids that decryption needs. */
export function planSelect(
  unit: Unit,
  context: WhereContext,
  model: Model,
  given: unknown,
): { select: Args; plan: ReadPlan } {
  if (given === undefined || given === null) throw new RefusedQuery(model.name, 'name the fields with select')
  const select: Record<string, unknown> = {}
  const encrypted: EncryptedField[] = []
  const relations: { name: string; plan: ReadPlan }[] = []
  for (const [key, value] of Object.entries(asObject(model.name, 'select', given))) {
    if (value === undefined || value === false) continue
    const field = model.encrypted.get(key)
    const relation = model.relations.get(key)
    if (relation) {
      const nested = planNested(unit, context, model, relation, value)
      select[key] = nested.args
      relations.push({ name: key, plan: nested.plan })
      continue
    }
    if (value !== true) throw new RefusedQuery(model.name, `${nameOf(model, key)} is selected by true`)
    if (field) {
      unit.assertDeclared(model.name, key)
      encrypted.push(field)
    } else if (!model.plain.has(key) || model.tokens.has(key)) {
      throw new RefusedQuery(model.name, `${nameOf(model, key)} cannot be selected`)
    }
    select[key] = true
  }
  const needed = encrypted.length > 0 && model.owner ? ['id', model.owner] : []
  const added = needed.filter((name) => select[name] !== true)
  for (const name of added) select[name] = true
  return { select, plan: { model, encrypted, relations, added: [...new Set(added)] } }
}

function planNested(unit: Unit, context: WhereContext, model: Model, relation: Relation, value: unknown) {
  if (value === true) throw new RefusedQuery(model.name, `${relation.name} needs a select of its own`)
  const args = asObject(model.name, relation.name, value)
  return planRead(unit, context, modelOf(relation.model), args, relation.list)
}
