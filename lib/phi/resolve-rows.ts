import 'server-only'

import { assertUnique, checkWhere, mentionsIndex, type WhereContext } from './check-where.ts'
import { RecordError, RefusedQuery } from './record-error.ts'
import type { Args, OperationContext } from './operation-context.ts'
import { takeMax } from './check-paging.ts'
import type { Model } from './registry.ts'

/** A row as a write needs to know it: a cell is bound to both. */
export type RowIdentity = { readonly id: string; readonly owner: string | null }

/** What filters of this operation are checked with; waits for index keys only when a filter may need them. */
export async function whereContext(context: OperationContext, args: unknown): Promise<WhereContext> {
  return {
    indexKeys: mentionsIndex(args) ? await context.indexKeys() : null,
    patients: context.unit.admitted.patients,
  }
}

/**
 * The row that a unique filter names, read in this transaction, or undefined.
 * @param within further conditions, such as being a child of a certain row
 */
export async function findRow(
  context: OperationContext,
  model: Model,
  where: unknown,
  within: Args = {},
): Promise<RowIdentity | undefined> {
  assertUnique(model, where)
  const checked = checkWhere(await whereContext(context, where), model, where)
  const row = await context.call(model, 'findFirst', {
    where: { AND: [checked, within] },
    select: identitySelect(model),
  })
  return row === null ? undefined : identityOf(model, row)
}

/** @throws RecordError P2025 when there is no such row, or none that this unit may see */
export async function requireRow(
  context: OperationContext,
  model: Model,
  where: unknown,
  within: Args = {},
): Promise<RowIdentity> {
  const row = await findRow(context, model, where, within)
  if (!row) throw new RecordError(model.name, 'P2025')
  return row
}

/**
 * The rows that a filter for many names.
 * @throws RefusedQuery for more than 500: one statement should not rewrite a record
 */
export async function findRows(
  context: OperationContext,
  model: Model,
  where: unknown,
  within: Args = {},
): Promise<RowIdentity[]> {
  const checked = checkWhere(await whereContext(context, where), model, where)
  const rows = await context.call(model, 'findMany', {
    where: { AND: [checked, within] },
    select: identitySelect(model),
    take: takeMax + 1,
  })
  if (!Array.isArray(rows)) return []
  if (rows.length > takeMax) throw new RefusedQuery(model.name, `more than ${takeMax} rows in one change`)
  return rows.map((row) => identityOf(model, row))
}

function identitySelect(model: Model): Args {
  return model.owner === 'patientId' ? { id: true, patientId: true } : { id: true }
}

export function identityOf(model: Model, row: unknown): RowIdentity {
  const fields = row as { id: string; patientId?: string }
  if (model.owner === null) return { id: fields.id, owner: null }
  return { id: fields.id, owner: model.owner === 'id' ? fields.id : (fields.patientId ?? '') }
}
