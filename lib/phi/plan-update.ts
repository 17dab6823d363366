import 'server-only'

import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'
import { childRelations, inSequence, plainFields, planChildren, planCreate, planLink } from './plan-create.ts'
import { digestCells } from './digest-cells.ts'
import { planDelete } from './plan-delete.ts'
import { indexesTouched, type SearchIndex } from './indexes.ts'
import { asList, asObject } from './plain-object.ts'
import { CellUnreadable, RecordError, RefusedQuery } from './record-error.ts'
import { modelOf, type EncryptedField, type Model, type Relation } from './registry.ts'
import { findRow, findRows, identityOf, requireRow, type RowIdentity } from './resolve-rows.ts'
import { encryptedValues, sealFields } from './seal-fields.ts'
import type { Args, OperationContext, Row } from './operation-context.ts'
import type { WritePlan } from './write-plan.ts'

/** Turns the data of a change to one row into what is sent; the row's id and patient were read in this transaction. */
export async function planUpdate(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  row: RowIdentity,
  given: unknown,
): Promise<Args> {
  const data = asObject(model.name, 'data', given)
  assertStays(model, row, data)
  const values = encryptedValues(model, data)
  const { patientId: _same, ...plain } = plainFields(model, data)
  if (row.owner !== null) context.unit.assertAdmitted(model.name, row.owner)
  const sealed = await sealFields(context, model, row, values)
  await noteChange(context, plan, model, row, [...values], Object.keys(plain), sealed)
  const planned: Record<string, unknown> = { ...plain, ...sealed }
  for (const relation of model.relations.values()) {
    if (!relation.holdsKey || data[relation.name] === undefined) continue
    planned[relation.name] = await planLinkOfExisting(
      context,
      plan,
      model,
      row,
      relation,
      data[relation.name],
    )
  }
  for (const relation of childRelations(model, data)) {
    planned[relation.name] = await planChildrenOfExisting(context, plan, relation, data[relation.name], row)
  }
  return planned
}

/**
 * The data of one change to many rows. One ciphertext cannot be bound to several rows, so encrypted fields can only
 * be cleared.
 */
export async function planUpdateMany(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  rows: readonly RowIdentity[],
  given: unknown,
): Promise<Args> {
  const data = asObject(model.name, 'data', given)
  const values = [...encryptedValues(model, data)]
  for (const [field, value] of values) {
    if (value !== null)
      throw new RefusedQuery(model.name, `${field.name} is encrypted: change its rows one by one`)
    context.unit.assertDeclared(model.name, field.name)
  }
  if (data['id'] !== undefined || data['patientId'] !== undefined) {
    throw new RefusedQuery(model.name, 'a row keeps its id and its patient')
  }
  const plain = plainFields(model, data)
  const names = values.flatMap(([field]) => [field.name, ...field.tokens])
  const cleared = Object.fromEntries(names.map((name) => [name, null]))
  for (const row of rows) await noteChange(context, plan, model, row, values, Object.keys(plain), cleared)
  return { ...plain, ...cleared }
}

async function noteChange(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  row: RowIdentity,
  values: readonly (readonly [EncryptedField, unknown])[],
  plain: readonly string[],
  sealed: Args,
): Promise<void> {
  if (row.owner === null) return
  context.unit.assertAdmitted(model.name, row.owner)
  const encrypted = values.map(([field]) => field.name)
  const cells = await digestCells(context, model, row, sealed)
  plan.changes.push({ action: 'UPDATE', model, rowId: row.id, patient: row.owner, encrypted, plain, cells })
  const indexes = indexesTouched(model.name, encrypted)
  if (indexes.length === 0) return
  const written = Object.fromEntries(values.map(([field, value]) => [field.name, value]))
  const others = await readOthers(context, model, row, row.owner, indexes, written)
  plan.tokens.push({ model, rowId: row.id, patient: row.owner, indexes, row: { ...others, ...written } })
}

/** Values that an index needs beside the ones being written; for the tokens alone, they are shown to nobody. */
async function readOthers(
  context: OperationContext,
  model: Model,
  row: RowIdentity,
  patient: string,
  indexes: readonly SearchIndex[],
  written: Args,
): Promise<Row> {
  const names = new Set(indexes.flatMap((index) => index.fields).filter((name) => !(name in written)))
  if (names.size === 0) return {}
  const select = Object.fromEntries([...names].map((name) => [name, true]))
  const stored = (await context.call(model, 'findFirst', { where: { id: row.id }, select })) as Row | null
  const address = rowAddress(row.id, patient)
  return withDataKeys(await context.keys(), new Set([patient]), (found) => {
    const keys = found.get(patient)
    return Object.fromEntries(
      Object.entries(stored ?? {}).flatMap(([name, text]) => {
        const field = model.encrypted.get(name)
        if (!field || typeof text !== 'string') return []
        if (!keys) {
          throw new CellUnreadable({
            model: model.name,
            field: name,
            rowId: row.id,
            patientId: patient,
            code: 'KEY_UNKNOWN',
          })
        }
        return [[name, openCell(keys, field.cell, address, text)]]
      }),
    )
  })
}

/** A row stays with its patient: its cells would not open under another one, and its history would split. */
function assertStays(model: Model, row: RowIdentity, data: Args): void {
  if (data['id'] !== undefined && data['id'] !== row.id)
    throw new RefusedQuery(model.name, 'a row keeps its id')
  if (data['patientId'] !== undefined && data['patientId'] !== row.owner) {
    throw new RefusedQuery(model.name, 'a row keeps its patient')
  }
}

async function planLinkOfExisting(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  row: RowIdentity,
  relation: Relation,
  given: unknown,
): Promise<Args> {
  const target = modelOf(relation.model)
  const carriesPatient = relation.fields.includes('patientId')
  const nested = asObject(model.name, relation.name, given)
  if (nested['update'] !== undefined || nested['upsert'] !== undefined) {
    return planChangeOfLinked(context, plan, model, row, relation, nested)
  }
  if (nested['disconnect'] === true && !carriesPatient) return { disconnect: true }
  if (nested['disconnect'] !== undefined || nested['delete'] !== undefined) {
    throw new RefusedQuery(target.name, `set the foreign key of ${relation.name} to null instead`)
  }
  const linked = await planLink(context, plan, relation, nested)
  if (carriesPatient && linked.row.owner !== row.owner) {
    throw new RefusedQuery(target.name, 'a row belongs to one patient, and so do its parents')
  }
  return linked.data
}

async function planChangeOfLinked(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  row: RowIdentity,
  relation: Relation,
  nested: Args,
): Promise<Args> {
  const target = modelOf(relation.model)
  if (Object.keys(nested).length !== 1)
    throw new RefusedQuery(target.name, `${relation.name} takes one operation`)
  const select = {
    [relation.name]: { select: target.owner === 'patientId' ? { id: true, patientId: true } : { id: true } },
  }
  const found = (await context.call(model, 'findFirst', { where: { id: row.id }, select })) as Row | null
  const linked = found?.[relation.name]
  const { update, create } = asObject(target.name, 'upsert', nested['upsert'] ?? {})
  const change = nested['upsert'] === undefined ? nested['update'] : update
  if (linked)
    return { update: await planUpdate(context, plan, target, identityOf(target, linked), dataOf(change)) }
  if (create === undefined) throw new RecordError(target.name, 'P2025')
  const planned = await planCreate(context, plan, target, create, inheritedOfParent(relation, row))
  return { create: planned.data }
}

/** `update: { data }` and `update: data` are both Prisma's; a condition beside it is not needed here. */
function dataOf(change: unknown): unknown {
  const given = asObject('nested', 'update', change)
  if (given['where'] !== undefined)
    throw new RefusedQuery('nested', 'a condition on a nested update is not supported')
  return Object.keys(given).join() === 'data' ? given['data'] : given
}

function inheritedOfParent(relation: Relation, row: RowIdentity): string | undefined {
  return relation.fields.includes('patientId') && row.owner !== null ? row.owner : undefined
}

async function planChildrenOfExisting(
  context: OperationContext,
  plan: WritePlan,
  relation: Relation,
  given: unknown,
  parent: RowIdentity,
): Promise<Args> {
  const model = modelOf(relation.model)
  const creating: Record<string, unknown> = {}
  const changing: Record<string, unknown> = {}
  const within = { [relation.inverse]: { is: { id: parent.id } } }
  for (const [operation, value] of Object.entries(asObject(model.name, relation.name, given))) {
    if (value === undefined) continue
    switch (operation) {
      case 'update':
        changing[operation] = await inSequence(asList(value), async (each) => {
          const { where, data } = asObject(model.name, 'update', each)
          const row = await requireRow(context, model, where, within)
          return { where: { id: row.id }, data: await planUpdate(context, plan, model, row, data) }
        })
        break
      case 'upsert': {
        const { update, create } = await splitUpserts(context, plan, relation, asList(value), parent)
        changing['update'] = [...asList(changing['update'] ?? []), ...update]
        creating['create'] = [...asList(creating['create'] ?? []), ...create]
        break
      }
      case 'updateMany':
        changing[operation] = await inSequence(asList(value), async (each) => {
          const { where, data } = asObject(model.name, 'updateMany', each)
          const rows = await findRows(context, model, where ?? {}, within)
          return { where: idsOf(rows), data: await planUpdateMany(context, plan, model, rows, data) }
        })
        break
      case 'delete':
      case 'deleteMany':
        changing['deleteMany'] = [
          ...asList(changing['deleteMany'] ?? []),
          ...(await inSequence(asList(value), async (where) => {
            const rows =
              operation === 'delete'
                ? [await requireRow(context, model, where, within)]
                : await findRows(context, model, where, within)
            planDelete(context, plan, model, rows)
            return idsOf(rows)
          })),
        ]
        break
      case 'create':
        creating['create'] = [...asList(creating['create'] ?? []), ...asList(value)]
        break
      default:
        creating[operation] = value
    }
  }
  const created = await planChildren(context, plan, relation, creating, parent)
  return { ...changing, ...created }
}

async function splitUpserts(
  context: OperationContext,
  plan: WritePlan,
  relation: Relation,
  upserts: readonly unknown[],
  parent: RowIdentity,
): Promise<{ update: Args[]; create: unknown[] }> {
  const model = modelOf(relation.model)
  const within = { [relation.inverse]: { is: { id: parent.id } } }
  const split: { update: Args[]; create: unknown[] } = { update: [], create: [] }
  for (const each of upserts) {
    const { where, update, create } = asObject(model.name, 'upsert', each)
    const row = await findRow(context, model, where, within)
    if (row)
      split.update.push({ where: { id: row.id }, data: await planUpdate(context, plan, model, row, update) })
    else split.create.push(create)
  }
  return split
}

export function idsOf(rows: readonly RowIdentity[]): Args {
  return { id: { in: rows.map((row) => row.id) } }
}
