import 'server-only'
import type { Findings } from '#lib/audit/seal/findings.ts'
import { readArchived, type ArchivedLeaf, type ArchivedRows } from './read-archived.ts'

/**
 * The first entry of archived months that fits.
 * @param findings gets what is wrong with an archive that cannot be read
 */
export async function findArchivedEntry(
  archived: ArchivedRows,
  findings: Findings,
  fits: (leaf: ArchivedLeaf) => boolean,
): Promise<ArchivedLeaf | undefined> {
  for await (const page of readArchived(archived, findings)) {
    const found = page.find(fits)
    if (found) return found
  }
  return undefined
}
