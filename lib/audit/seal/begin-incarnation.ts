import 'server-only'
import type { Client } from 'pg'

import { canonicalJson } from '#lib/crypto/canonical-json.ts'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { CompactRange } from '#lib/merkle/compact-range.ts'
import { formatVerifierKey, type SignerKey } from '#lib/merkle/note-key.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { readSealState, writeCheckpoint, writeLeaves, type SealState } from './seal-store.ts'

/** Why a new incarnation begins after a restore, as the operator told it, and what the anchor last knew. */
export type Restored = {
  readonly reason: string
  readonly lastAnchored: { readonly origin: string; readonly size: number; readonly root: string }
  readonly restoredSize: number
}

/**
 * Begins a tree: the first one of an installation, or one more after an acknowledged restore. Its first leaf says
 * which; every row that is in the logs is sealed after it, anew.
 */
export async function beginIncarnation(
  client: Client,
  incarnation: number,
  signer: SignerKey,
  restored: Restored | null,
): Promise<SealState> {
  const origin = signer.verifier.name
  const genesis = canonicalJson({ format: '1', incarnation, log: 'incarnation', origin, restored })
  const hash = leafHash(genesis)
  const range = new CompactRange()
  range.append(hash)
  const note = signCheckpoint({ origin, size: range.size, root: range.root() }, signer)
  await client.query('BEGIN')
  try {
    await client.query(
      'INSERT INTO audit.seal_incarnation (incarnation, origin, verifier_key, genesis) VALUES ($1, $2, $3, $4)',
      [incarnation, origin, formatVerifierKey(signer.verifier), genesis],
    )
    const leaf = { letter: 'G', logId: null, accessedAt: null, tx: null, seq: null, hash }
    await writeLeaves(client, incarnation, 0, [leaf], [])
    await writeCheckpoint(client, incarnation, range, note, undefined, null)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
  const state = await readSealState(client)
  if (!state) throw new Error('the incarnation that was just begun is not there')
  return state
}
