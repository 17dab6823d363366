import 'server-only'
import type { Client } from 'pg'

import { z } from 'zod'

import { openCheckpoint, readUnverifiedCheckpoint, type Checkpoint } from '#lib/merkle/checkpoint.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { SignerKey } from '#lib/merkle/note-key.ts'
import type { Anchor } from './anchor.ts'
import { beginIncarnation } from './begin-incarnation.ts'
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
  #state: SealState | undefined

  constructor(client: Client, signerOf: (incarnation: number) => SignerKey, anchor: Anchor) {
    this.#client = client
    this.#signerOf = signerOf
    this.#anchor = anchor
  }

  /**
   * Seals all that can be sealed now, and anchors it.
   * @returns rows sealed
   * @throws SealRefused when the database lacks what the anchor holds, or holds something else
   */
  async step(): Promise<number> {
    this.#state ??= await this.#begin()
    let sealed = 0
    for (;;) {
      const signer = this.#signerOf(this.#state.incarnation)
      const done = await sealBatch(this.#client, this.#state, signer)
      this.#state = done.state
      if (done.sealed > 0) await this.#publish(done.state)
      sealed += done.sealed
      if (done.sealed < batchMax) return sealed
    }
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
    // Between a commit and its anchoring the process may have died.
    if (newest !== state.note) await this.#publish(state)
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
    if (
      last?.origin !== known.origin ||
      last.size !== known.size ||
      last.root !== known.root.toString('base64')
    )
      throw new SealRefused('the anchor holds another tree than the database')
  }

  async #publish({ incarnation, range, note }: SealState): Promise<void> {
    const receipt = await this.#anchor.keep(note)
    await this.#client.query(
      `INSERT INTO audit.anchor_receipt (incarnation, tree_size, anchor, receipt) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [incarnation, range.size, this.#anchor.id, receipt],
    )
  }
}
