import 'server-only'
import type { Client } from 'pg'

import { formatVerifierKey, type VerifierKey } from '#lib/merkle/note-key.ts'
import { inclusionProof } from '#lib/merkle/inclusion-proof.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
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

type StoredLeaf = { leaf_index: string; log: LogLetter; log_id: string; accessed_at: string; hash: string }

/**
 * Proofs of single entries, against the newest checkpoint.
 * @param logIds of entries
 * @returns the evidence, and which entries it lacks: not sealed yet or not there (`missing`), gone or altered since (`changed`)
 */
export async function makeEvidence(
  client: Client,
  verifier: VerifierKey,
  logIds: readonly string[],
  madeAt: Date,
): Promise<{ bundle: EvidenceBundle; missing: string[]; changed: string[] } | undefined> {
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
  try {
    const state = await readSealState(client)
    if (!state) return undefined
    const leaves = await readLeaves(client, state.incarnation, logIds)
    const readNode = nodeReader(client, state.incarnation)
    const entries: EvidenceEntry[] = []
    const changed: string[] = []
    for (const leaf of leaves) {
      const data = await readData(client, leaf)
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
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
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
