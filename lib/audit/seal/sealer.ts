import 'server-only'
import type { Client } from 'pg'

import { z } from 'zod'

import { openCheckpoint, readUnverifiedCheckpoint, type Checkpoint } from '#lib/merkle/checkpoint.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { SignerKey } from '#lib/merkle/note-key.ts'
import { AnchorDiffers, type Anchor } from './anchor.ts'
import { beginIncarnation } from './begin-incarnation.ts'
import { Publisher, type Places } from './publisher.ts'
import { batchMax, sealBatch } from './seal-batch.ts'
import { readSealState, type SealState } from './seal-store.ts'

/** The database is behind its anchor, or beside it: sealing on would cover it up. */
export class SealRefused extends Error {
  override readonly name = 'SealRefused'
}

const genesis = z.object({
  restored: z
    .object({ lastAnchored: z.object({ origin: z.string(), size: z.number(), root: z.string() }) })
    .nullish(),
})

/**
 * Seals both logs, for as long as it is the one that does. Nothing is counted as published before the anchor has it.
 * The caller holds the lock that elects it, and calls `step` about once a second.
 */
export class Sealer {
  readonly #client: Client
  readonly #signerOf: (incarnation: number) => SignerKey
  readonly #anchor: Anchor
  readonly #publisher: Publisher
  #state: SealState | undefined

  /** @param others who else checkpoints are handed to: witnesses, a bucket */
  constructor(
    client: Client,
    signerOf: (incarnation: number) => SignerKey,
    anchor: Anchor,
    others: Omit<Places, 'file'> = { witnesses: [], quorum: 0, bucket: undefined },
  ) {
    this.#client = client
    this.#signerOf = signerOf
    this.#anchor = anchor
    this.#publisher = new Publisher(client, { file: anchor, ...others })
  }

  /**
   * Seals all that can be sealed now, and anchors it.
   * @returns rows sealed
   * @throws SealRefused when the database lacks what an anchor or a witness holds, or holds something else
   */
  async step(): Promise<number> {
    try {
      return await this.#sealAll()
    } catch (error) {
      if (error instanceof AnchorDiffers) throw new SealRefused(error.message, { cause: error })
      throw error
    }
  }

  async #sealAll(): Promise<number> {
    this.#state ??= await this.#begin()
    let sealed = 0
    for (;;) {
      const signer = this.#signerOf(this.#state.incarnation)
      const done = await sealBatch(this.#client, this.#state, signer)
      this.#state = done.state
      if (done.sealed > 0) await this.#publish(done.state)
      sealed += done.sealed
      if (done.sealed < batchMax) break
    }
    if (this.#publisher.isWaiting(this.#state)) await this.#publish(this.#state)
    return sealed
  }

  /** Takes the tree up where it was left, after holding it against the anchor. */
  async #begin(): Promise<SealState> {
    const state = (await readSealState(this.#client)) ?? (await this.#first(await this.#anchor.newest()))
    const signer = this.#signerOf(state.incarnation)
    const newest = await this.#anchor.newest()
    if (newest !== undefined) await this.#holdAgainst(state, signer, newest)
    const stored = openCheckpoint(state.note, signer.verifier)
    if (stored.size !== state.range.size || !stored.root.equals(state.range.root()))
      throw new SealRefused('the newest checkpoint in the database is not one that this sealer signed')
    await this.#publisher.begin(state, signer.verifier)
    // Between a commit and its anchoring the process may have died.
    if (newest?.startsWith(state.note) !== true) await this.#publish(state)
    return state
  }

  async #first(anchored: string | undefined): Promise<SealState> {
    if (anchored !== undefined)
      throw new SealRefused('the anchor holds checkpoints, and the database has no tree')
    return beginIncarnation(this.#client, 1, this.#signerOf(1), null)
  }

  async #holdAgainst(state: SealState, signer: SignerKey, newest: string): Promise<void> {
    const known = readUnverifiedCheckpoint(newest)
    // The first checkpoint after an acknowledged restore is not anchored yet: what the anchor has, the new tree must name.
    if (known.origin !== state.origin) return this.#requireNamed(state, known)
    let anchored
    try {
      anchored = openCheckpoint(newest, signer.verifier)
    } catch (error) {
      if (error instanceof NoteRefused)
        throw new SealRefused('the anchor’s newest checkpoint was not signed by this sealer for this tree')
      throw error
    }
    if (anchored.size > state.range.size)
      throw new SealRefused(
        `the anchor holds a tree of ${anchored.size} leaves, the database one of ${state.range.size}`,
      )
    const { rows } = await this.#client.query<{ root: Buffer }>(
      'SELECT root FROM audit.checkpoint WHERE incarnation = $1 AND tree_size = $2',
      [state.incarnation, anchored.size],
    )
    if (!rows[0]?.root.equals(anchored.root))
      throw new SealRefused(`the database and the anchor differ at ${anchored.size} leaves`)
  }

  async #requireNamed(state: SealState, known: Checkpoint): Promise<void> {
    const { rows } = await this.#client.query<{ genesis: string }>(
      'SELECT genesis FROM audit.seal_incarnation WHERE incarnation = $1',
      [state.incarnation],
    )
    const { restored } = genesis.parse(JSON.parse(rows[0]?.genesis ?? '{}'))
    const last = restored?.lastAnchored
    // The operator may have known of a newer one, from a witness: what the file has must not go beyond what was stated.
    const order = last && (treeOf(known.origin) - treeOf(last.origin) || known.size - last.size)
    if (order === undefined || order > 0 || (order === 0 && last?.root !== known.root.toString('base64')))
      throw new SealRefused('the anchor holds another tree than the database')
  }

  #publish(state: SealState): Promise<void> {
    return this.#publisher.publish(state, this.#signerOf(state.incarnation).verifier)
  }
}

/** Number of the tree that an origin ends with. */
function treeOf(origin: string): number {
  return Number(/[/]([0-9]{1,9})$/.exec(origin)?.[1] ?? 0)
}
