import 'server-only'

import { randomUUID } from 'node:crypto'
import { openFilter } from '#lib/accounts/saved-filter.ts'
import { sealText } from '#lib/accounts/sealed-text.ts'
import { askExport, type AskedExport } from '#lib/audit/export/ask-export.ts'
import { trailCriteria, trailFilterShape } from '#lib/oversight/trail/criteria.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ExportFormView } from './view.ts'

/** Asks for an export of a kept search, or of a period. @returns `no-search` when the search is not kept any more */
export async function requestExport(
  actor: Actor,
  form: ExportFormView,
  period: { from: string; to: string } | null,
): Promise<AskedExport | 'no-search'> {
  const criteria = form.search === '' ? period : await searchCriteria(actor, form.search)
  if (criteria === null) return 'no-search'
  const reasonId = randomUUID()
  return askExport(actor, {
    exportId: randomUUID(),
    format: form.format,
    byteOrderMark: form.byteOrderMark && form.format === 'csv',
    criteria,
    reasonId,
    reasonSealed: await sealText(reasonId, form.reason),
  })
}

/** What a kept search of the same person means; null when it is not kept any more, or found no patient to look for. */
export async function searchCriteria(actor: Actor, search: string): Promise<Record<string, unknown> | null> {
  const filter = await openFilter(actor, 'trail', search, trailFilterShape)
  return filter === null || filter.tooMany || filter.patients?.length === 0 ? null : trailCriteria(filter)
}
