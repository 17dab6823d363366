import 'server-only'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { auditEvent } from './audit-event.ts'
import { entryOf } from './entry-of.ts'
import type { ExportPlan } from './export-plan.ts'
import type { People } from './people.ts'

/** A Bundle (type `collection`) of AuditEvents, written as it goes. */
export async function* asFhir(
  pages: AsyncIterable<readonly RowTexts[]>,
  plan: ExportPlan,
  people: People,
  host: string,
): AsyncGenerator<Buffer, void, undefined> {
  const head = {
    resourceType: 'Bundle',
    id: plan.exportId,
    type: 'collection',
    timestamp: plan.requestedAt.toISOString(),
  }
  let before = `${JSON.stringify(head).slice(0, -1)},"entry":[\n`
  for await (const page of pages) {
    const parts = page.map((row) => {
      const entry = entryOf(row)
      const resource = auditEvent(entry, people.of(entry.actor_user_id, entry.actor_role), host)
      return JSON.stringify({ fullUrl: `urn:uuid:${entry.log_id}`, resource })
    })
    yield Buffer.from(before + parts.join(',\n'))
    before = ',\n'
  }
  yield Buffer.from('\n]}\n')
}
