import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { asText, type SealedLog } from '#lib/audit/seal/sealed-log.ts'

/**
 * Archived entries of a log as the rows that they were, in the same order. The database reads them back, so that JSON is spelled as a
 * column of the log spells it: a writer vouched for that spelling.
 * @param client told `textSettings`
 * @param data texts that entries were hashed as
 */
export async function asRows(client: Client, log: SealedLog, data: readonly string[]): Promise<RowTexts[]> {
  if (data.length === 0) return []
  const { rows } = await askInTurn<(string | null)[]>(client, {
    text: `SELECT ${log.select} FROM unnest($1::jsonb[]) WITH ORDINALITY AS e (entry, place),
             LATERAL jsonb_populate_record(NULL::audit.${log.table}, e.entry) l ORDER BY e.place`,
    values: [data],
    rowMode: 'array',
    types: asText,
  })
  return rows
}
