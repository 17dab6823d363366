import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { ConcernInput } from './input.ts'
import { openAccessEntry } from './open-access-entry.ts'
import type { ConcernEntryRow } from '#lib/records/shared/view.ts'

export type ReportOutcome = { kind: 'reported' } | { kind: 'already-reported' } | { kind: 'not-found' }

/**
 * "I don't recognise this": tells compliance about one entry of the record's trail, in the words that the entry was shown in.
 * Who stands in the entry is looked up by the database, and never sees the report. Told twice, it is still one.
 */
export async function reportConcern(
  actor: Actor,
  patientId: string,
  logId: string,
  input: ConcernInput,
): Promise<Outcome<ReportOutcome>> {
  const seen = await openAccessEntry(actor, patientId, logId)
  if (seen.kind === 'denied') return seen
  const view = seen.value
  if (!view || view.own) return { ...seen, value: { kind: 'not-found' } }
  const entry = {
    name: view.access.name,
    role: view.access.role,
    what: view.access.what,
    why: view.access.why,
    at: view.at,
  } satisfies ConcernEntryRow
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'my-concerns',
        action: 'CREATE',
        patients: [patientId],
        fields: { Concern: ['entry', 'body', 'contact'] },
        resourceType: 'Concern',
        resourceId: input.key,
      },
      async (record): Promise<ReportOutcome> => {
        const known = await record.concern.findFirst({
          where: { patientId, logId, reportedBy: actor.accountId },
          select: { id: true },
        })
        if (known) return { kind: 'already-reported' }
        await record.concern.create({
          data: { id: input.key, patientId, logId, entry, body: input.body, contact: input.contact },
          select: { id: true },
        })
        return { kind: 'reported' }
      },
    ),
  )
}
