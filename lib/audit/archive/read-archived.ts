import 'server-only'
import { z } from 'zod'

import { Paged } from '#lib/audit/seal/paged.ts'
import type { Findings } from '#lib/audit/seal/findings.ts'
import type { Leaf } from '#lib/audit/seal/seal-store.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { archiveHeader, archiveLine } from './archive-line.ts'
import type { ArchiveSource } from './archive-source.ts'
import type { Archived } from './list-archives.ts'

const pageSize = 2000

/** An entry of an archive with its place in the tree, and the text that it was hashed as. */
export type ArchivedLeaf = Leaf & { readonly index: number; readonly data: string }

const entry = z.object({
  log_id: z.string(),
  accessed_at: z.string(),
  tx_id: z.string(),
  seq: z.string(),
  log: z.enum(['patient_phi_audit_log', 'security_event_log']),
})

/** Months that left the logs, and where they are read. */
export type ArchivedRows = { readonly source: ArchiveSource; readonly list: readonly Archived[] }

/**
 * The entries of archived months in the order of the tree, hashed from what is in the files. Months overlap a little where one ends, so
 * an archive is opened when its first leaf comes up, and at most two or three are open at once. One that cannot be read
 * becomes a finding, and its leaves are found to have no entry.
 * @param from leaves before it were verified before
 */
export async function* readArchived(
  { list, source }: ArchivedRows,
  findings: Findings,
  from = 0,
): AsyncGenerator<ArchivedLeaf[], void, undefined> {
  const pending = [...list]
  const active = new Map<Archived, Paged<ArchivedLeaf>>()
  const advance = async (archive: Archived, pages: Paged<ArchivedLeaf>): Promise<void> => {
    try {
      const waiting = pages.next()
      if (waiting) await waiting
      if (pages.head) return
    } catch (error) {
      findings.say(
        'ARCHIVE_MISSING',
        archive.firstLeaf,
        null,
        `the archive of ${archive.month} with ${archive.entries} entries cannot be read as it was written (${archive.fileName}: ${reasonOf(error)})`,
      )
    }
    active.delete(archive)
  }
  let page: ArchivedLeaf[] = []
  for (;;) {
    let least = leastOf(active)
    const [next] = pending
    if (next && (!least || next.firstLeaf <= least.leaf.index)) {
      pending.shift()
      const pages = new Paged(readOne(next, source))
      active.set(next, pages)
      await advance(next, pages)
      least = leastOf(active)
      continue
    }
    if (!least) break
    if (least.leaf.index >= from) page.push(least.leaf)
    await advance(least.archive, least.pages)
    if (page.length < pageSize) continue
    yield page
    page = []
  }
  yield page
}

type Least = { archive: Archived; pages: Paged<ArchivedLeaf>; leaf: ArchivedLeaf }

function leastOf(active: ReadonlyMap<Archived, Paged<ArchivedLeaf>>): Least | undefined {
  let least: Least | undefined
  for (const [archive, pages] of active)
    if (pages.head && (!least || pages.head.index < least.leaf.index))
      least = { archive, pages, leaf: pages.head }
  return least
}

async function* readOne(
  archive: Archived,
  source: ArchiveSource,
): AsyncGenerator<ArchivedLeaf[], void, undefined> {
  let at: number | undefined
  let page: ArchivedLeaf[] = []
  for await (const text of source.lines(archive.fileName)) {
    if (at === undefined) {
      at = archiveHeader.parse(JSON.parse(text)).from
      continue
    }
    const line = archiveLine.parse(JSON.parse(text))
    if ('data' in line) page.push(leafOf(at, line.data))
    at += 1
    if (page.length < pageSize) continue
    yield page
    page = []
  }
  yield page
}

function leafOf(index: number, data: string): ArchivedLeaf {
  const { log, log_id, accessed_at, tx_id, seq } = entry.parse(JSON.parse(data))
  return {
    index,
    letter: log === 'patient_phi_audit_log' ? 'P' : 'S',
    logId: log_id,
    accessedAt: accessed_at,
    tx: tx_id,
    seq,
    data,
    hash: leafHash(data),
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
