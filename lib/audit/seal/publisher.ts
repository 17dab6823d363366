import 'server-only'
import type { Client } from 'pg'

import { now } from '#lib/clock.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import { AnchorAway, AnchorDiffers, type Anchor } from './anchor.ts'
import { askWitness, requireSameHistory } from './ask-witness.ts'
import type { SealState } from './seal-store.ts'
import type { OutsideWitness } from './witness.ts'

/** Where checkpoints go. */
export type Places = {
  /** the anchor that must have each of them before anything else happens */
  readonly file: Anchor
  readonly witnesses: readonly OutsideWitness[]
  /** witnesses that must have signed a checkpoint before it counts as published */
  readonly quorum: number
  readonly bucket: { readonly anchor: Anchor; readonly everySeconds: number } | undefined
}

/** A witness that gave no answer is left alone for so long, so that sealing does not wait for it each time. */
const restMilliseconds = 10_000
/** How often the database is told that all is as before. */
const tellMilliseconds = 10_000

type Failure = 'away' | 'differs' | null

/**
 * Hands out checkpoints: to the witnesses first, then, with their signatures, to the file, and now and then to the bucket. A
 * witness that is away holds nothing up: the file has the checkpoint, and it counts as published once enough have signed it.
 */
export class Publisher {
  readonly #client: Client
  readonly #places: Places
  /** size that each witness signed last */
  readonly #signed = new Map<string, number>()
  readonly #restUntil = new Map<string, number>()
  readonly #told = new Map<string, { at: number; failure: Failure }>()
  #bucketDue = 0
  /** the note that the file got last */
  #kept: string | undefined
  #published: { incarnation: number; size: number } | undefined

  constructor(client: Client, places: Places) {
    this.#client = client
    this.#places = places
  }

  /** Before anything is sealed: whoever outside answers must not know another history. @throws AnchorDiffers */
  async begin(state: SealState, log: VerifierKey): Promise<void> {
    const { file, witnesses, bucket } = this.#places
    const ids = [file.id, ...witnesses.map(({ id }) => id), ...(bucket ? [bucket.anchor.id] : [])]
    await this.#client.query('SELECT audit.keep_anchors($1)', [ids])
    for (const witness of witnesses)
      await this.#ask(witness.id, 'witness', state, async () => {
        await requireSameHistory(this.#client, state, log, await witness.newestOf(state.origin))
        return undefined
      })
    if (bucket)
      await this.#ask(bucket.anchor.id, 'bucket', state, async () => {
        await requireSameHistory(this.#client, state, log, await bucket.anchor.newest())
        return undefined
      })
  }

  /** Whether the newest checkpoint still waits for somebody who is asked again from time to time. */
  isWaiting({ incarnation, range }: SealState): boolean {
    if (this.#places.witnesses.length === 0 && !this.#places.bucket) return false
    const isPublished = this.#published?.incarnation === incarnation && this.#published.size === range.size
    return !isPublished && this.#places.witnesses.some(({ id }) => !this.#rests(id))
  }

  /**
   * Hands out the present checkpoint.
   * @throws AnchorDiffers when somebody shows another history under this log's own key; whatever the file's disk says
   */
  async publish(state: SealState, log: VerifierKey): Promise<void> {
    const { file, witnesses, quorum } = this.#places
    const lines: { id: string; line: string }[] = []
    for (const witness of witnesses) {
      if (this.#rests(witness.id)) continue
      const line = await this.#ask(witness.id, 'witness', state, () =>
        askWitness(this.#client, state, log, witness, this.#signed.get(witness.id) ?? 0),
      )
      if (line === undefined) continue
      this.#signed.set(witness.id, state.range.size)
      lines.push({ id: witness.id, line })
    }
    // Asked again about a checkpoint that the file has, and nobody new has signed it.
    if (this.#kept === state.note && lines.length === 0) return
    await file.keep(state.note + lines.map(({ line }) => line).join(''))
    this.#kept = state.note
    await this.#receive(state, file.id, null)
    for (const { id, line } of lines) await this.#receive(state, id, line)
    await this.#tell(file.id, 'file', state.range.size, null)
    if (lines.length >= quorum) {
      this.#published = { incarnation: state.incarnation, size: state.range.size }
      if (witnesses.length > 0)
        await this.#client.query('SELECT audit.note_publication($1, $2, $3, $4)', [
          state.incarnation,
          state.range.size,
          witnesses.length,
          quorum,
        ])
    }
    await this.#fillBucket(state)
  }

  async #fillBucket(state: SealState): Promise<void> {
    const { bucket } = this.#places
    const at = now().getTime()
    if (!bucket || at < this.#bucketDue || this.#rests(bucket.anchor.id)) return
    const receipt = await this.#ask(
      bucket.anchor.id,
      'bucket',
      state,
      async () => (await bucket.anchor.keep(state.note)) ?? '',
    )
    if (receipt === undefined) return
    this.#bucketDue = at + bucket.everySeconds * 1000
    await this.#receive(state, bucket.anchor.id, receipt)
  }

  #rests(id: string): boolean {
    return (this.#restUntil.get(id) ?? 0) > now().getTime()
  }

  /** Asks somebody outside, notes how they stand, and goes on without them when they are away. */
  async #ask<T>(
    id: string,
    kind: 'witness' | 'bucket',
    state: SealState,
    question: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const answer = await question()
      if (answer !== undefined) await this.#tell(id, kind, state.range.size, null)
      return answer
    } catch (error) {
      if (error instanceof AnchorDiffers) {
        await this.#tell(id, kind, state.range.size, 'differs')
        throw error
      }
      if (!(error instanceof AnchorAway)) throw error
      this.#restUntil.set(id, now().getTime() + restMilliseconds)
      await this.#tell(id, kind, state.range.size, 'away')
      return undefined
    }
  }

  async #tell(
    id: string,
    kind: 'file' | 'witness' | 'bucket',
    size: number,
    failure: Failure,
  ): Promise<void> {
    const before = this.#told.get(id)
    const at = now().getTime()
    if (before?.failure === failure && at - before.at < tellMilliseconds) return
    await this.#client.query('SELECT audit.note_anchor($1, $2, $3, $4)', [id, kind, size, failure])
    this.#told.set(id, { at, failure })
  }

  async #receive({ incarnation, range }: SealState, anchor: string, receipt: string | null): Promise<void> {
    await this.#client.query(
      `INSERT INTO audit.anchor_receipt (incarnation, tree_size, anchor, receipt) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [incarnation, range.size, anchor, receipt],
    )
  }
}
