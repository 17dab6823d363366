import 'server-only'
import type { Client } from 'pg'

import type { ArchiveSource } from '#lib/audit/archive/archive-source.ts'
import { findArchivedEntry } from '#lib/audit/archive/find-archived-entry.ts'
import { listArchives, type Archived } from '#lib/audit/archive/list-archives.ts'
import { formatVerifierKey, type VerifierKey } from '#lib/merkle/note-key.ts'
import { inclusionProof } from '#lib/merkle/inclusion-proof.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { Findings } from './findings.ts'
import { leafData } from './leaf-data.ts'
import { nodeReader } from './read-node.ts'
import { readSealState } from './seal-store.ts'
import { asText, sealedLogs, textSettings, type LogLetter } from './sealed-log.ts'

/** One entry of the trail with what proves it. */
export type EvidenceEntry = {
  /** place in the tree */
  readonly index: number
  /** the text that the leaf is the hash of: every column of the entry */
  readonly data: string
  /** hashes that lead from the leaf to the root, in base64 */
  readonly proof: readonly string[]
}

/** A file that somebody outside can check with the stand-alone verifier, and nothing else. */
export type EvidenceBundle = {
  readonly format: 'vigil-evidence-1'
  readonly madeAt: string
  readonly verifierKey: string
  /** the signed checkpoint that the proofs lead to */
  readonly checkpoint: string
  readonly entries: readonly EvidenceEntry[]
}

/** An entry whose month left the logs, and whose archive is not at hand or not what it was. */
export type OutOfReach = { readonly logId: string; readonly month: string; readonly fileName: string }

/** What of the entries is no part of the evidence, and why. */
type Evidence = {
  readonly bundle: EvidenceBundle
  /** not sealed yet, or not there */
  readonly missing: string[]
  /** gone or altered since they were sealed */
  readonly changed: string[]
  readonly outOfReach: OutOfReach[]
}

type StoredLeaf = { leaf_index: string; log: LogLetter; log_id: string; accessed_at: string; hash: string }

/**
 * Proofs of single entries, against the newest checkpoint.
 * @param logIds of entries
 * @param archives where entries of months are read that left the logs
 * @returns the evidence, and which entries it lacks; undefined when nothing is sealed
 */
export async function makeEvidence(
  client: Client,
  verifier: VerifierKey,
  logIds: readonly string[],
  madeAt: Date,
  archives?: ArchiveSource,
): Promise<Evidence | undefined> {
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
  try {
    const state = await readSealState(client)
    if (!state) return undefined
    const leaves = await readLeaves(client, state.incarnation, logIds)
    const readNode = nodeReader(client, state.incarnation)
    const entries: EvidenceEntry[] = []
    const changed: string[] = []
    const outOfReach: OutOfReach[] = []
    const archived = await listArchives(client, state.incarnation, 0)
    for (const leaf of leaves) {
      const archive = archived.find((each) => isIn(each, leaf))
      const data = (await readData(client, leaf)) ?? (await readArchivedData(archives, archive, leaf))
      if (data === undefined && archive) {
        outOfReach.push({ logId: leaf.log_id, month: archive.month, fileName: archive.fileName })
        continue
      }
      // Evidence that its own verifier refuses is none: what is wrong is said here.
      if (data === undefined || leafHash(data).toString('hex') !== leaf.hash) {
        changed.push(leaf.log_id)
        continue
      }
      const index = Number(leaf.leaf_index)
      const proof = await inclusionProof(readNode, index, state.range.size)
      entries.push({ index, data, proof: proof.map((hash) => hash.toString('base64')) })
    }
    const sealed = new Set(leaves.map((leaf) => leaf.log_id))
    return {
      bundle: {
        format: 'vigil-evidence-1',
        madeAt: madeAt.toISOString(),
        verifierKey: formatVerifierKey(verifier),
        checkpoint: state.note,
        entries,
      },
      missing: logIds.filter((logId) => !sealed.has(logId)),
      changed,
      outOfReach,
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

/** Whether a leaf's entry left the logs with this archive's month. */
const isIn = (archive: Archived, leaf: StoredLeaf): boolean =>
  leaf.accessed_at.startsWith(archive.month) && Number(leaf.leaf_index) >= archive.firstLeaf

/** The entry as it stands in its archive; undefined when that is not at hand, or holds something else. */
async function readArchivedData(
  source: ArchiveSource | undefined,
  archive: Archived | undefined,
  leaf: StoredLeaf,
): Promise<string | undefined> {
  if (!source || !archive) return undefined
  const found = await findArchivedEntry(
    { source, list: [archive] },
    new Findings(),
    ({ logId, hash }) => logId === leaf.log_id && hash.toString('hex') === leaf.hash,
  )
  return found?.data
}

async function readLeaves(
  client: Client,
  incarnation: number,
  logIds: readonly string[],
): Promise<StoredLeaf[]> {
  const { rows } = await client.query<StoredLeaf>({
    text: `SELECT f.leaf_index, f.log, f.log_id, f.accessed_at, encode(f.leaf_hash, 'hex') AS hash FROM audit.seal_leaf f
            WHERE f.incarnation = $1 AND f.log_id = ANY ($2::uuid[]) ORDER BY f.leaf_index`,
    values: [incarnation, logIds],
    types: asText,
  })
  return rows
}

async function readData(client: Client, leaf: StoredLeaf): Promise<string | undefined> {
  const log = sealedLogs[leaf.log]
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${log.select} FROM audit.${log.table} l WHERE l.log_id = $1 AND l.accessed_at = $2::timestamptz`,
    values: [leaf.log_id, leaf.accessed_at],
    rowMode: 'array',
    types: asText,
  })
  return rows[0] && leafData(log, rows[0])
}
