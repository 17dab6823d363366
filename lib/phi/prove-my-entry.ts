import 'server-only'

import type { EvidenceBundle } from '#lib/audit/seal/evidence.ts'
import { leafData } from '#lib/audit/seal/leaf-data.ts'
import { sealedLogs } from '#lib/audit/seal/sealed-log.ts'
import { statementName } from '#lib/db/statement-name.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { inclusionProof } from '#lib/merkle/inclusion-proof.ts'
import type { ReadNode } from '#lib/merkle/range-root.ts'
import { leafHash, nodeHash, type Hash } from '#lib/merkle/tree-hash.ts'
import { currentUnit } from './unit.ts'

/** What proves one entry of the trail, or why nothing does. */
export type MyProof =
  | { kind: 'proven'; bundle: EvidenceBundle; leafIndex: number; treeSize: number; leafHash: string }
  /** written, and not yet sealed: a matter of seconds */
  | { kind: 'waiting' }
  /** it is not what was sealed */
  | { kind: 'changed' }
  | { kind: 'not-found' }

type Row = {
  texts: (string | null)[]
  incarnation: number | null
  leaf_index: string | null
  leaf_hash: Buffer | null
  tree_size: string | null
  note: string | null
  verifier_key: string | null
}

const entryText = 'SELECT * FROM audit.my_sealed_entry($1::uuid, $2::text[])'
const hashesText = 'SELECT hash FROM audit.seal_hashes($1, $2, $3, $4)'

/**
 * The proof of one entry of the trail of this unit's patient, against the newest checkpoint. Inside a unit that was admitted to
 * `my-access-log` only: the database answers no other. The evidence holds the entry as it was sealed, every column of it.
 * @throws RecordUnavailable when the database does not answer
 */
export async function proveMyEntry(logId: string, madeAt: Date): Promise<MyProof> {
  const columns = sealedLogs.P.columns.map(({ name }) => name)
  const [row] = await ask<Row>(entryText, [logId, columns])
  if (!row) return { kind: 'not-found' }
  const { incarnation, leaf_index: index, leaf_hash: sealed, tree_size: size, note, verifier_key: key } = row
  if (incarnation === null || index === null || !sealed || size === null || note === null || key === null)
    return { kind: 'waiting' }
  const data = leafData(sealedLogs.P, row.texts)
  if (!leafHash(data).equals(sealed)) return { kind: 'changed' }
  const [leafIndex, treeSize] = [Number(index), Number(size)]
  const proof = await inclusionProof(reader(incarnation), leafIndex, treeSize)
  return {
    kind: 'proven',
    bundle: {
      format: 'vigil-evidence-1',
      madeAt: madeAt.toISOString(),
      verifierKey: key,
      checkpoint: note,
      entries: [{ index: leafIndex, data, proof: proof.map((hash) => hash.toString('base64')) }],
    },
    leafIndex,
    treeSize,
    leafHash: sealed.toString('hex'),
  }
}

/** Roots of complete subtrees, from the kept ones of 2^8, 2^16 and 2^24 leaves, or from the leaves below. */
function reader(incarnation: number): ReadNode {
  return async (level, index) => {
    const base = level >= 24 ? 24 : level >= 16 ? 16 : level >= 8 ? 8 : 0
    const count = 2 ** (level - base)
    const rows = await ask<{ hash: Buffer }>(hashesText, [incarnation, base, index * count, count])
    if (rows.length !== count) throw new RecordUnavailable('the tree in the database lacks a part of itself')
    return fold(rows.map(({ hash }) => hash))
  }
}

function fold(hashes: readonly Hash[]): Hash {
  const [first, second] = hashes
  if (!first) throw new RecordUnavailable('no hash to fold')
  if (!second) return first
  const half = hashes.length / 2
  return nodeHash(fold(hashes.slice(0, half)), fold(hashes.slice(half)))
}

function ask<T extends object>(text: string, values: unknown[]): Promise<T[]> {
  const unit = currentUnit()
  return unit.run(async () => {
    try {
      return (await unit.connection.query<T>({ name: statementName(text), text, values })).rows
    } catch (error) {
      throw new RecordUnavailable('the proof of an entry could not be read', { cause: error })
    }
  })
}
