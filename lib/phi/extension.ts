import 'server-only'

import type { PrismaClient } from '#lib/db/generated/client.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { assertUnique, checkWhere } from './check-where.ts'
import { openRows } from './open-rows.ts'
import { OperationContext, type Args, type BaseClient } from './operation-context.ts'
import { planCreate, inSequence } from './plan-create.ts'
import { planDelete } from './plan-delete.ts'
import { planRead, planSelect } from './plan-read.ts'
import { idsOf, planUpdate, planUpdateMany } from './plan-update.ts'
import { asList, asObject } from './plain-object.ts'
import type { Operation } from './record-client.ts'
import { RecordError, RefusedQuery } from './record-error.ts'
import { nameOf, modelOf, type Model } from './registry.ts'
import { findRow, findRows, requireRow, whereContext, type RowIdentity } from './resolve-rows.ts'
import { currentUnit } from './unit.ts'
import { writeEffects } from './write-effects.ts'
import { WritePlan } from './write-plan.ts'
import { insertTokens, removeTokens, removeTokensBefore } from './write-tokens.ts'

type Send = (args: Args) => Promise<unknown>
type Handler = (context: OperationContext, model: Model, args: Args, send: Send) => Promise<unknown>

/*
 * What is done for each operation. The list is the allow-list: whatever is not in it (raw SQL, aggregates, operations that
 * Prisma may add) is refused. Prisma shows an extension the outermost call only, so nested reads and writes are walked here.
 */
const handlers: Readonly<Record<Operation, Handler>> = {
  // Not passed on as findUnique: Prisma merges those of one tick into one query, and they may be of two units of work.
  findUnique: (context, model, args) => readOne(context, model, args, 'findFirst'),
  findUniqueOrThrow: (context, model, args) => readOne(context, model, args, 'findFirstOrThrow'),
  findFirst: (context, model, args, send) => read(context, model, args, send, false),
  findFirstOrThrow: (context, model, args, send) => read(context, model, args, send, false),
  findMany: (context, model, args, send) => read(context, model, args, send, true),
  count,
  create,
  createMany: (context, model, args, send) => createMany(context, model, args, send, false),
  createManyAndReturn: (context, model, args, send) => createMany(context, model, args, send, true),
  update: (context, model, args, send) => update(context, model, args, send),
  updateMany: (context, model, args, send) => updateMany(context, model, args, send, false),
  updateManyAndReturn: (context, model, args, send) => updateMany(context, model, args, send, true),
  upsert,
  delete: deleteOne,
  deleteMany,
}

/**
 * Prisma's client with field encryption and the checks of the door: one `$allOperations` extension, because chained
 * ones would see each other's half-done work.
 * @param keys asked only when something is to be sealed or opened
 */
export function withEncryption(client: PrismaClient, keys: () => Promise<KeyStore>) {
  const base = client as unknown as BaseClient
  return client.$extends({
    name: 'vigil-field-encryption',
    query: {
      $allOperations: async ({ model, operation, args, query }) => {
        const handler = Object.hasOwn(handlers, operation) ? handlers[operation as Operation] : undefined
        if (model === undefined || !handler)
          throw new RefusedQuery(model ?? 'SQL', `${operation} is not allowed`)
        const unit = currentUnit()
        const context = new OperationContext(unit, base, keys)
        const given = asObject(model, 'arguments', args ?? {})
        const send: Send = (sent) => (query as (sent: Args) => Promise<unknown>)(sent)
        return unit.run(() => handler(context, modelOf(model), given, send))
      },
    },
  })
}

async function read(
  context: OperationContext,
  model: Model,
  args: Args,
  send: Send,
  list: boolean,
): Promise<unknown> {
  const planned = planRead(context.unit, await whereContext(context, args), model, args, list)
  return openRows(context, planned.plan, await send(planned.args))
}

function readOne(context: OperationContext, model: Model, args: Args, operation: string): Promise<unknown> {
  assertOnly(model, args, ['select', 'where'])
  assertUnique(model, args['where'])
  return read(context, model, args, (sent) => context.call(model, operation, sent), false)
}

async function count(context: OperationContext, model: Model, args: Args, send: Send): Promise<unknown> {
  assertOnly(model, args, ['where', 'take', 'skip'])
  const where = checkWhere(await whereContext(context, args), model, args['where'])
  return send({ ...args, where })
}

async function create(context: OperationContext, model: Model, args: Args, send: Send): Promise<unknown> {
  assertOnly(model, args, ['data', 'select'])
  const { select, plan: result } = planSelect(
    context.unit,
    await whereContext(context, args),
    model,
    args['select'],
  )
  const plan = new WritePlan()
  const { data } = await planCreate(context, plan, model, args['data'])
  return openRows(context, result, await write(context, plan, model, () => send({ data, select })))
}

async function createMany(
  context: OperationContext,
  model: Model,
  args: Args,
  send: Send,
  returning: boolean,
): Promise<unknown> {
  // Not skipDuplicates: which rows were left out is not told, and the trail would name ciphertexts that were never written.
  assertOnly(model, args, ['data', ...(returning ? ['select'] : [])])
  const wanted = returning
    ? planSelect(context.unit, await whereContext(context, args), model, args['select'])
    : undefined
  const plan = new WritePlan()
  const rows = asList(args['data'])
  await context.prepareSealing(ownersOf(model, rows))
  const planned = await inSequence(rows, (row) => planCreate(context, plan, model, row))
  const sent = { data: planned.map((row) => row.data) }
  const result = await write(context, plan, model, () =>
    send(wanted ? { ...sent, select: wanted.select } : sent),
  )
  return wanted ? openRows(context, wanted.plan, result) : result
}

async function update(context: OperationContext, model: Model, args: Args, send: Send): Promise<unknown> {
  assertOnly(model, args, ['where', 'data', 'select'])
  const where = await whereContext(context, args)
  const { select, plan: result } = planSelect(context.unit, where, model, args['select'])
  const row = await requireRow(context, model, args['where'])
  const plan = new WritePlan()
  const data = await planUpdate(context, plan, model, row, args['data'])
  // The row is named by its id; the rest of the filter still decides (an expected version, a status).
  const sent = { where: { id: row.id, AND: [checkWhere(where, model, args['where'])] }, data, select }
  return openRows(context, result, await write(context, plan, model, () => send(sent)))
}

async function updateMany(
  context: OperationContext,
  model: Model,
  args: Args,
  send: Send,
  returning: boolean,
): Promise<unknown> {
  assertOnly(model, args, ['where', 'data', ...(returning ? ['select'] : [])])
  const where = await whereContext(context, args)
  const wanted = returning ? planSelect(context.unit, where, model, args['select']) : undefined
  const rows = await findRows(context, model, args['where'] ?? {})
  const plan = new WritePlan()
  const data = await planUpdateMany(context, plan, model, rows, args['data'])
  const checked = { AND: [checkWhere(where, model, args['where']), idsOf(rows)] }
  const sent = wanted ? { where: checked, data, select: wanted.select } : { where: checked, data }
  const result = await write(context, plan, model, () => send(sent))
  // Plain fields alone: how many rows fitted is the answer that the caller asked for (a version, a status).
  if (plan.changes.some((change) => change.encrypted.length > 0)) assertAll(model, rows, result)
  return wanted ? openRows(context, wanted.plan, result) : result
}

/** Which branch it is is found out first: each branch has another row to bind its cells to. */
async function upsert(context: OperationContext, model: Model, args: Args): Promise<unknown> {
  assertOnly(model, args, ['where', 'create', 'update', 'select'])
  const { where, select } = args
  const existing = await findRow(context, model, where)
  return existing
    ? update(context, model, { where, select, data: args['update'] }, (sent) =>
        context.call(model, 'update', sent),
      )
    : create(context, model, { select, data: args['create'] }, (sent) => context.call(model, 'create', sent))
}

async function deleteOne(context: OperationContext, model: Model, args: Args, send: Send): Promise<unknown> {
  assertOnly(model, args, ['where', 'select'])
  const where = await whereContext(context, args)
  const { select, plan: result } = planSelect(context.unit, where, model, args['select'])
  const row = await requireRow(context, model, args['where'])
  const plan = new WritePlan()
  planDelete(context, plan, model, [row])
  const sent = { where: { id: row.id, AND: [checkWhere(where, model, args['where'])] }, select }
  return openRows(context, result, await write(context, plan, model, () => send(sent)))
}

async function deleteMany(context: OperationContext, model: Model, args: Args, send: Send): Promise<unknown> {
  assertOnly(model, args, ['where'])
  const where = await whereContext(context, args)
  const rows = await findRows(context, model, args['where'] ?? {})
  const plan = new WritePlan()
  planDelete(context, plan, model, rows)
  const checked = { AND: [checkWhere(where, model, args['where']), idsOf(rows)] }
  const result = await write(context, plan, model, () => send({ where: checked }))
  assertAll(model, rows, result)
  return result
}

/**
 * The trail names the rows that were found. One that somebody changed meanwhile, so that the filter no longer fits it,
 * was left out by the statement.
 * @throws RecordError P2034, Prisma's code for a conflict that a new attempt may solve; nothing is kept
 */
function assertAll(model: Model, found: readonly RowIdentity[], result: unknown): void {
  const changed = Array.isArray(result) ? result.length : (result as { count: number }).count
  if (changed !== found.length) throw new RecordError(model.name, 'P2034')
}

/** A change in its order: what will change stands in the trail, the change is made, stale tokens go, new tokens come. */
async function write(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  send: () => Promise<unknown>,
): Promise<unknown> {
  context.unit.assertWriting(model.name)
  await writeEffects(context.unit, plan.changes)
  await removeTokensBefore(context, plan.tokens)
  const result = await send()
  await removeTokens(context, plan.tokens)
  await insertTokens(context, plan.tokens)
  return result
}

function assertOnly(model: Model, args: Args, allowed: readonly string[]): void {
  for (const [key, value] of Object.entries(args)) {
    if (value !== undefined && !allowed.includes(key))
      throw new RefusedQuery(model.name, `${nameOf(model, key)} is not allowed here`)
  }
}

function ownersOf(model: Model, rows: readonly unknown[]): string[] {
  if (model.owner === null) return []
  const key = model.owner
  return rows.flatMap((row) => {
    const owner = asObject(model.name, 'data', row)[key]
    return typeof owner === 'string' ? [owner] : []
  })
}
