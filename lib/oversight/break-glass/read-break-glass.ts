import 'server-only'

import { openTexts } from '#lib/accounts/sealed-text.ts'
import {
  askOversight,
  type LeaseAccessRow,
  type LeaseEntryRow,
  type LeaseRow,
} from '#lib/audit/break-glass/ask-oversight.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { views } from '#lib/policy/views.ts'
import { leaseViews } from './list-break-glass.ts'
import type { LeaseDetailView } from './view.ts'

/** How many entries of one emergency access the database hands out (audit.read_break_glass_rows). */
const entriesMax = 500

/**
 * One emergency access with the person's words, what was opened under it, and what was said about it. The reading is on record.
 * @returns null when there is none, or it is the reader's own
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function readBreakGlass(actor: Actor, leaseId: string): Promise<LeaseDetailView | null> {
  const found = await askOversight(actor, 'BREAK_GLASS_READ', { id: leaseId }, async (read) => ({
    row: (await read<LeaseRow>('leases'))[0],
    entries: await read<LeaseEntryRow>('entries'),
    accesses: await read<LeaseAccessRow>('accesses'),
  }))
  if (!found?.row) return null
  const { row, entries, accesses } = found
  const sealed = [
    { id: row.reason_text_id, sealed: row.reason_sealed ?? '' },
    ...entries.map((entry) => ({ id: entry.text_id, sealed: entry.text_sealed })),
  ]
  const texts = await openTexts(sealed)
  const [view] = await leaseViews([row])
  if (!view) return null
  return {
    ...view,
    words: texts.get(row.reason_text_id) ?? '',
    entries: entries.map((entry) => ({
      id: entry.id,
      title: entryNames[entry.kind] ?? entry.kind,
      by: entry.author_name ?? 'Unknown account',
      at: entry.written_at.toISOString(),
      text: texts.get(entry.text_id) ?? '',
    })),
    isCut: accesses.length >= entriesMax,
    opened: accesses.map((access) => ({
      id: access.log_id,
      atExact: access.at_exact,
      at: access.accessed_at.toISOString(),
      what: actionNames[access.action_type] ?? access.action_type,
      part: access.view in views ? views[access.view as keyof typeof views].about : access.view,
      fields: Object.keys(access.changed_fields).join(', '),
    })),
    can: {
      revoke: row.state === 'ACTIVE',
      decide: row.state === 'REVIEW_PENDING' || row.state === 'NEEDS_INFO',
      ask: row.state === 'REVIEW_PENDING',
      sign: row.state === 'UNJUSTIFIED' && !row.is_first_signer,
      isFirstSigner: row.state === 'UNJUSTIFIED' && row.is_first_signer,
    },
    incidentId: row.incident_id,
  }
}

const entryNames: Readonly<Record<string, string>> = {
  JUSTIFIED: 'Found justified',
  NEEDS_INFO: 'Asked',
  UNJUSTIFIED: 'Found not justified',
  CONFIRMED: 'Confirmed: not justified',
  DISPUTED: 'Disputed: back to review',
  ANSWER: 'Answered',
}

const actionNames: Readonly<Record<string, string>> = {
  READ: 'Opened',
  PRINT: 'Printed',
  SEARCH: 'Found in a search',
  CREATE: 'Added',
  UPDATE: 'Changed',
  DELETE: 'Took away',
}
