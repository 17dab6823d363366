import 'server-only'
import type { Client } from 'pg'

import { openCheckpoint } from '#lib/merkle/checkpoint.ts'
import { consistencyProof } from '#lib/merkle/consistency-proof.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import { rangeRoot } from '#lib/merkle/range-root.ts'
import { cosignedAt } from '#lib/merkle/signed-note.ts'
import { AnchorAway, AnchorDiffers } from './anchor.ts'
import { nodeReader } from './read-node.ts'
import type { SealState } from './seal-store.ts'
import type { OutsideWitness } from './witness.ts'

/**
 * Has a witness sign the present checkpoint. What it saw last it is asked when it is not known, or is another than thought.
 * @param known size that it signed last, as far as is known
 * @returns its signature line
 * @throws AnchorAway when it gives no answer, or one that shows nothing; AnchorDiffers when it shows a checkpoint, signed by
 *   this log's own key, that this tree does not go on from
 */
export async function askWitness(
  client: Client,
  state: SealState,
  log: VerifierKey,
  witness: OutsideWitness,
  known: number,
): Promise<string> {
  const { size } = state.range
  const readNode = nodeReader(client, state.incarnation)
  let oldSize = Math.min(known, size)
  for (let turn = 0; turn < 2; turn += 1) {
    const proof = oldSize === 0 || oldSize === size ? [] : await consistencyProof(readNode, oldSize, size)
    const reply = await witness.addCheckpoint(oldSize, proof, state.note)
    if (reply.kind === 'cosigned') return checked(witness, state.note, reply.lines)
    if (reply.kind === 'refused' || reply.size > size || reply.size === oldSize) break
    oldSize = reply.size
  }
  await requireSameHistory(client, state, log, await witness.newestOf(state.origin))
  throw new AnchorAway(`${witness.id} refuses, and shows no reason`)
}

function checked({ id, key }: OutsideWitness, note: string, lines: string): string {
  try {
    if (cosignedAt(note + lines, key) !== undefined) return lines
  } catch (error) {
    if (!(error instanceof NoteRefused)) throw error
  }
  throw new AnchorAway(`${id} answers with something that is not its signature`)
}

/**
 * Holds a checkpoint that somebody outside showed against the present tree. What this log's key did not sign shows nothing.
 * @throws AnchorDiffers when the present tree does not begin with that one
 */
export async function requireSameHistory(
  client: Client,
  state: SealState,
  log: VerifierKey,
  shown: string | undefined,
): Promise<void> {
  if (shown === undefined) return
  let known
  try {
    known = openCheckpoint(shown, log)
  } catch (error) {
    if (error instanceof NoteRefused) return
    throw error
  }
  if (known.origin !== state.origin) return
  if (known.size > state.range.size)
    throw new AnchorDiffers(
      `a tree of ${known.size} leaves was signed, the database has one of ${state.range.size}`,
    )
  const root =
    known.size === state.range.size
      ? state.range.root()
      : await rangeRoot(nodeReader(client, state.incarnation), 0, known.size)
  if (!root.equals(known.root)) throw new AnchorDiffers(`another tree of ${known.size} leaves was signed`)
}
