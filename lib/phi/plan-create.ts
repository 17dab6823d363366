import 'server-only'

import { randomUUID } from 'node:crypto'
import { digestCells } from './digest-cells.ts'
import { indexesTouched } from './indexes.ts'
import { asList, asObject } from './plain-object.ts'
import { RefusedQuery } from './record-error.ts'
import { nameOf, modelOf, type Model, type Relation } from './registry.ts'
import { findRow, requireRow, type RowIdentity } from './resolve-rows.ts'
import { encryptedValues, sealFields } from './seal-fields.ts'
import type { Args, OperationContext } from './operation-context.ts'
import type { WritePlan } from './write-plan.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export type PlannedRow = RowIdentity & { readonly data: Args }

/**
 * Turns the data of a new row into what is sent: its id is set, its patient found out, its encrypted fields sealed,
 * and the same for rows nested in it.
 * @param inherited patient of the row that this one is nested in, when the foreign key carries it over
 */
export async function planCreate(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  given: unknown,
  inherited?: string,
): Promise<PlannedRow> {
  const data = asObject(model.name, 'data', given)
  const id = newId(model, data['id'])
  const parents = await planParents(context, plan, model, data)
  const owner = ownerOfNew(model, id, data, [inherited, ...parents.owners])
  if (owner !== null) context.unit.assertAdmitted(model.name, owner)
  const row = { id, owner }
  const values = encryptedValues(model, data)
  const plain = plainFields(model, data)
  const sealed = await sealFields(context, model, row, values)
  const planned: Record<string, unknown> = { id, ...plain, ...parents.data, ...sealed }
  if (owner !== null) {
    // First of all: a new row's change must stand in the trail before those nested in it.
    plan.changes.push({
      action: 'CREATE', model, rowId: id, patient: owner,
      encrypted: [...values.keys()].map((field) => field.name), plain: Object.keys(plain),
      cells: await digestCells(context, model, row, sealed),
    }) // prettier-ignore
    const indexes = indexesTouched(
      model.name,
      [...values.keys()].map((field) => field.name),
    )
    const plainText = Object.fromEntries([...values].map(([field, value]) => [field.name, value]))
    if (indexes.length > 0) plan.tokens.push({ model, rowId: id, patient: owner, indexes, row: plainText })
  }
  for (const relation of childRelations(model, data)) {
    planned[relation.name] = await planChildren(context, plan, relation, data[relation.name], row)
  }
  return { ...row, data: planned }
}

/** Rows nested under a new or an existing row: only such as come into being with it. */
export async function planChildren(
  context: OperationContext,
  plan: WritePlan,
  relation: Relation,
  given: unknown,
  parent: RowIdentity,
): Promise<Args> {
  const planned: Record<string, unknown> = {}
  for (const [operation, value] of Object.entries(asObject(relation.model, relation.name, given))) {
    if (value === undefined) continue
    planned[operation] = await planChildOperation(context, plan, relation, operation, value, parent)
  }
  // connectOrCreate has become create, and both may have been given.
  const { connectOrCreate, ...rest } = planned
  if (!Array.isArray(connectOrCreate)) return planned
  return { ...rest, create: [...asList(rest['create'] ?? []), ...connectOrCreate] }
}

async function planChildOperation(
  context: OperationContext,
  plan: WritePlan,
  relation: Relation,
  operation: string,
  value: unknown,
  parent: RowIdentity,
): Promise<unknown> {
  const model = modelOf(relation.model)
  const inherited = inheritedOwner(model, relation, parent)
  const createOne = async (data: unknown) => (await planCreate(context, plan, model, data, inherited)).data
  switch (operation) {
    case 'create':
      return inSequence(asList(value), createOne)
    case 'createMany': {
      const { data, ...rest } = asObject(model.name, 'createMany', value)
      if (Object.keys(rest).length > 0) throw new RefusedQuery(model.name, 'createMany takes data alone')
      return { data: await inSequence(asList(data), createOne) }
    }
    case 'connectOrCreate':
      return inSequence(asList(value), async (each) => {
        const { where, create } = asObject(model.name, 'connectOrCreate', each)
        const existing = await findRow(context, model, where)
        if (existing) throw new RefusedQuery(model.name, 'an existing row cannot be hung on another parent')
        return createOne(create)
      })
    default:
      throw new RefusedQuery(
        model.name,
        `${nameOf(model, operation)} could hang a row on another patient or parent`,
      )
  }
}

/** A child takes its patient from its parent when the foreign key carries it. */
export function inheritedOwner(child: Model, relation: Relation, parent: RowIdentity): string | undefined {
  const carries = child.owner === 'patientId' && relation.references.includes('patientId')
  return carries && parent.owner !== null ? parent.owner : undefined
}

type Parents = { data: Record<string, unknown>; owners: (string | undefined)[] }

/** Relations whose key stands in the new row: they say, or must agree on, whose row it is. */
async function planParents(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  data: Args,
): Promise<Parents> {
  const parents: Parents = { data: {}, owners: [] }
  for (const relation of model.relations.values()) {
    const given = data[relation.name]
    if (!relation.holdsKey || given === undefined) continue
    const linked = await planLink(context, plan, relation, given)
    parents.data[relation.name] = linked.data
    if (relation.fields.includes('patientId')) parents.owners.push(linked.row.owner ?? undefined)
  }
  return parents
}

/** `connect`, `create` or `connectOrCreate` of the one row that a foreign key points to. */
export async function planLink(
  context: OperationContext,
  plan: WritePlan,
  relation: Relation,
  given: unknown,
): Promise<{ data: Args; row: RowIdentity }> {
  const model = modelOf(relation.model)
  const entries = Object.entries(asObject(model.name, relation.name, given)).filter(
    ([, value]) => value !== undefined,
  )
  const [operation, value] = entries[0] ?? []
  if (entries.length !== 1)
    throw new RefusedQuery(model.name, `${relation.name} takes exactly one of connect and create`)
  if (operation === 'connect') {
    const row = await requireRow(context, model, value)
    return { data: { connect: { id: row.id } }, row }
  }
  if (operation === 'create') {
    const { data, ...row } = await planCreate(context, plan, model, value)
    return { data: { create: data }, row }
  }
  if (operation === 'connectOrCreate') {
    const { where, create } = asObject(model.name, 'connectOrCreate', value)
    const row = await findRow(context, model, where)
    return row ? { data: { connect: { id: row.id } }, row } : planLink(context, plan, relation, { create })
  }
  throw new RefusedQuery(model.name, `${relation.name} takes connect or create`)
}

function ownerOfNew(
  model: Model,
  id: string,
  data: Args,
  hints: readonly (string | undefined)[],
): string | null {
  if (model.owner === null) return null
  const named = data['patientId']
  if (named !== undefined && typeof named !== 'string')
    throw new RefusedQuery(model.name, 'patientId is an id')
  const owners = new Set([model.owner === 'id' ? id : named, ...hints].filter((owner) => owner !== undefined))
  const [owner] = owners
  if (owner === undefined) throw new RefusedQuery(model.name, 'whose row it is must be said: give patientId')
  if (owners.size > 1)
    throw new RefusedQuery(model.name, 'a row belongs to one patient, and so do its parents')
  return owner
}

/** Fields that are sent as they are. @throws RefusedQuery for token columns, which only this layer writes */
export function plainFields(model: Model, data: Args): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined || key === 'id' || model.encrypted.has(key) || model.relations.has(key)) continue
    if (!model.plain.has(key) || model.tokens.has(key))
      throw new RefusedQuery(model.name, `${nameOf(model, key)} cannot be written`)
    plain[key] = value
  }
  return plain
}

export function childRelations(model: Model, data: Args): Relation[] {
  return [...model.relations.values()].filter(
    (relation) => !relation.holdsKey && data[relation.name] !== undefined,
  )
}

function newId(model: Model, given: unknown): string {
  if (given === undefined) return randomUUID()
  if (typeof given !== 'string' || !uuid.test(given))
    throw new RefusedQuery(model.name, 'an id is a UUID in lower case')
  return given
}

/** One after the other: each may read and write on the unit's only connection. */
export async function inSequence<T, U>(list: readonly T[], step: (each: T) => Promise<U>): Promise<U[]> {
  const results: U[] = []
  for (const each of list) results.push(await step(each))
  return results
}
