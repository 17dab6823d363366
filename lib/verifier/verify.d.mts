/** The stand-alone verifier, for those who call it from TypeScript. */
export type FoundEvidence = {
  origin: string
  size: number
  root: string
  entries: number
  /** leaves of the tree that the file has as hashes only; of evidence about a range */
  hidden?: number
}
/** @throws Error with the reason when anything does not fit */
export function verifyEvidence(text: string, keyText: string): FoundEvidence

/** One leaf of an archive: `data` is missing where only its hash is given. */
export type ArchiveLeaf = { index: number; data: string | undefined; hash: Buffer }
/**
 * @param onLine hears of every leaf, before the whole was found to fit
 * @throws Error with the reason when anything does not fit
 */
export function verifyArchive(
  lines: AsyncIterable<string>,
  keyText: string,
  onLine?: (leaf: ArchiveLeaf) => void,
): Promise<FoundEvidence & { month: string }>

/** What was found, in three lines at most, each ended. */
export function inWords(found: FoundEvidence): string
