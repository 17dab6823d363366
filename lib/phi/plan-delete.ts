import 'server-only'

import { searchIndexes } from './indexes.ts'
import type { OperationContext } from './operation-context.ts'
import type { Model } from './registry.ts'
import type { RowIdentity } from './resolve-rows.ts'
import type { WritePlan } from './write-plan.ts'

/** Notes the rows that go away, and that their search tokens go with them. */
export function planDelete(
  context: OperationContext,
  plan: WritePlan,
  model: Model,
  rows: readonly RowIdentity[],
): void {
  const indexes = searchIndexes.filter((index) => index.model === model.name)
  for (const { id, owner } of rows) {
    if (owner === null) continue
    context.unit.assertAdmitted(model.name, owner)
    plan.changes.push({
      action: 'DELETE',
      model,
      rowId: id,
      patient: owner,
      encrypted: [],
      plain: [],
      cells: {},
    })
    if (indexes.length > 0) plan.tokens.push({ model, rowId: id, patient: owner, indexes, row: null })
  }
}
