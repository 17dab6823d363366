import 'server-only'
import type { Client } from 'pg'

import { openCheckpoint, readUnverifiedCheckpoint } from '#lib/merkle/checkpoint.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'
import type { Anchor } from './anchor.ts'
import type { Finding } from './finding.ts'

/** A root that somebody holds for a size of the tree. */
export type SignedRoot = { readonly size: number; readonly root: Hash; readonly holder: string }

/**
 * Every root that was signed for this tree, by size: those in the database and those that anchors hold. What is not signed
 * by the key, and two roots for one size, become findings.
 */
export async function readSignedRoots(
  client: Client,
  incarnation: number,
  verifier: VerifierKey,
  anchors: readonly Anchor[],
): Promise<{ roots: SignedRoot[]; findings: Finding[] }> {
  const bySize = new Map<number, SignedRoot>()
  const findings: Finding[] = []
  const take = (note: string, holder: string, expected?: { size: number; root: Hash }) => {
    try {
      const { origin, size, root } = openCheckpoint(note, verifier)
      if (origin !== verifier.name) return
      if (expected && (expected.size !== size || !expected.root.equals(root)))
        throw new NoteRefused('the note is about another tree')
      const before = bySize.get(size)
      if (before && !before.root.equals(root)) findings.push(equivocation(size, before.holder, holder))
      // What an anchor holds counts for more than what the database says of itself.
      if (!before || holder !== 'database') bySize.set(size, { size, root, holder })
    } catch (error) {
      if (!(error instanceof NoteRefused)) throw error
      if (holder === 'database') findings.push(unsigned(expected?.size ?? null, error.message))
      else if (numberOf(originOf(note)) > incarnation) findings.push(laterTree(holder))
      // What is left are checkpoints of earlier incarnations, under other names.
    }
  }
  for (const each of await readCheckpoints(client, incarnation)) take(each.note, 'database', each)
  for (const anchor of anchors) for await (const note of anchor.all()) take(note, anchor.id)
  return { roots: [...bySize.values()].sort((a, b) => a.size - b.size), findings }
}

async function readCheckpoints(
  client: Client,
  incarnation: number,
): Promise<{ size: number; root: Hash; note: string }[]> {
  const { rows } = await client.query<{ size: string; root: Buffer; note: string }>(
    'SELECT tree_size::text AS size, root, note FROM audit.checkpoint WHERE incarnation = $1 ORDER BY tree_size',
    [incarnation],
  )
  return rows.map((row) => ({ ...row, size: Number(row.size) }))
}

/** Number of the incarnation that an origin ends with. */
function numberOf(origin: string): number {
  return Number(/[/]([0-9]{1,9})$/.exec(origin)?.[1] ?? 0)
}

function originOf(note: string): string {
  try {
    return readUnverifiedCheckpoint(note).origin
  } catch {
    return ''
  }
}

function laterTree(holder: string): Finding {
  return {
    kind: 'TRUNCATED_OR_ROLLED_BACK',
    leafIndex: null,
    logId: null,
    detail: `${holder} holds checkpoints of a later tree than the database has`,
  }
}

function equivocation(size: number, first: string, second: string): Finding {
  return {
    kind: 'EQUIVOCATION',
    leafIndex: size - 1,
    logId: null,
    detail: `${first} and ${second} hold two signed roots for ${size} leaves`,
  }
}

function unsigned(size: number | null, why: string): Finding {
  return {
    kind: 'HISTORY_REWRITTEN',
    leafIndex: size === null ? null : size - 1,
    logId: null,
    detail: `the checkpoint of ${size ?? 'unknown'} leaves in the database does not hold: ${why}`,
  }
}
