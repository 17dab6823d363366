import 'server-only'

import type { RecordClient } from '#lib/phi/types.ts'
import type { DisclosureRow } from './view.ts'

/** What every reader of the ledger selects of a row. */
export const disclosureSelect = {
  id: true,
  disclosedAt: true,
  lastDisclosedAt: true,
  times: true,
  correctsId: true,
  withdrawn: true,
  recordedAt: true,
  basis: true,
  recipientName: true,
  recipientAddress: true,
  what: true,
  purpose: true,
} as const

/** What is told of a disclosure, for the admission. */
export const disclosureFields = ['basis', 'recipientName', 'recipientAddress', 'what', 'purpose'] as const

export const pageSize = 500

export type LedgerRow = {
  id: string
  disclosedAt: Date
  lastDisclosedAt: Date | null
  times: number | null
  correctsId: string | null
  withdrawn: boolean
  recordedAt: Date
  basis: string
  recipientName: string
  recipientAddress: string | null
  what: string
  purpose: string
}

/** A patient's whole ledger, whatever its length: an accounting that stopped at some row would be wrong. */
export function readLedger(record: RecordClient, patientId: string): Promise<LedgerRow[]> {
  return inPages((after) =>
    record.disclosure.findMany({
      where: { patientId, ...after },
      orderBy: { id: 'asc' },
      take: pageSize,
      select: disclosureSelect,
    }),
  )
}

/** Reads page after page, in the order of ids. @param read one page of at most `pageSize` rows, behind a place */
export async function inPages<T extends { id: string }>(
  read: (after: { id?: { gt: string } }) => Promise<T[]>,
): Promise<T[]> {
  const rows: T[] = []
  for (;;) {
    const last = rows.at(-1)
    const page = await read(last ? { id: { gt: last.id } } : {})
    rows.push(...page)
    if (page.length < pageSize) return rows
  }
}

/** Which part of the ledger an accounting is of. */
export type AccountingScope = {
  /** of disclosures at or after this instant and before the other */
  from: Date
  to: Date
  /** The ledger as it stood then: what was written later is not in it. */
  asOf: Date
}

/**
 * The disclosures that an accounting of a period lists, oldest first: each with its last correction in its place, without those
 * that were taken back. A row that sums up several belongs to a period that it touches (164.528(b)(3)).
 * @param silent ids of disclosures that an agency asked for silence about (164.528(a)(2)); the whole chain of corrections is left out
 */
export function accountingOf(
  ledger: readonly LedgerRow[],
  { from, to, asOf }: AccountingScope,
  silent: ReadonlySet<string> = new Set(),
): DisclosureRow[] {
  const known = ledger.filter((row) => row.recordedAt <= asOf)
  const corrected = new Set(known.map((row) => row.correctsId))
  const hidden = silentChains(known, silent)
  return known
    .filter((row) => !corrected.has(row.id) && !row.withdrawn && !hidden.has(row.id))
    .filter((row) => row.disclosedAt < to && (row.lastDisclosedAt ?? row.disclosedAt) >= from)
    .toSorted((a, b) => a.disclosedAt.getTime() - b.disclosedAt.getTime())
    .map(toDisclosure)
}

/** A row of the ledger as pages and letters tell it. */
export function toDisclosure(row: LedgerRow): DisclosureRow {
  return {
    id: row.id,
    disclosedAt: row.disclosedAt.toISOString(),
    lastDisclosedAt: row.lastDisclosedAt?.toISOString() ?? null,
    times: row.times,
    basis: row.basis,
    recipientName: row.recipientName,
    recipientAddress: row.recipientAddress,
    what: row.what,
    purpose: row.purpose,
  }
}

/** Corrections tell of the same disclosure as what they correct: silence about one is silence about all. */
function silentChains(rows: readonly LedgerRow[], silent: ReadonlySet<string>): ReadonlySet<string> {
  const hidden = new Set(silent)
  for (let before = -1; before !== hidden.size;) {
    before = hidden.size
    for (const { id, correctsId } of rows) {
      if (correctsId === null) continue
      if (hidden.has(correctsId)) hidden.add(id)
      if (hidden.has(id)) hidden.add(correctsId)
    }
  }
  return hidden
}
