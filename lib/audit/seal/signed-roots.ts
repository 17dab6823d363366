import 'server-only'
import type { Client } from 'pg'

import { openCheckpoint, readUnverifiedCheckpoint } from '#lib/merkle/checkpoint.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'
import { AnchorAway } from './anchor.ts'
import { askInTurn } from './ask-in-turn.ts'
import type { Findings } from './findings.ts'
import type { HeldAnchor } from './hold-anchors.ts'

/** A root that somebody holds for a size of the tree. */
export type SignedRoot = { readonly size: number; readonly root: Hash; readonly holder: string }

const ownHolder = 'database'

type Plan = {
  readonly client: Client
  readonly incarnation: number
  readonly verifier: VerifierKey
  /** sizes below it are of no interest */
  readonly from: number
  readonly findings: Findings
}

type Source = { head: SignedRoot | undefined; next: () => Promise<SignedRoot | undefined> }

/**
 * Every root that was signed for this tree, by size: those in the database and those that anchors hold, read side by side as
 * streams. What is not signed by the key becomes a finding.
 */
export class SignedRoots {
  /** the smallest size that something was signed for and that was not given out yet */
  next = 0
  /** the largest tree that each anchor holds */
  readonly largest = new Map<string, number>()
  /** anchors that broke off */
  readonly unreached: string[] = []
  readonly #plan: Plan
  readonly #sources: Source[]
  /** notes of the database that were found signed and that an anchor has not shown yet, by size */
  readonly #opened = new Map<number, string>()

  constructor(plan: Plan, anchors: readonly HeldAnchor[]) {
    this.#plan = plan
    this.#sources = [this.#readStored(), ...anchors.map((anchor) => this.#readAnchor(anchor))].map(
      (roots) => ({
        head: undefined,
        next: async () => (await roots.next()).value ?? undefined,
      }),
    )
  }

  /** Goes to the first of them. */
  async begin(): Promise<void> {
    for (const source of this.#sources) source.head = await source.next()
    this.#settle()
  }

  /** All that was signed for trees up to this size and was not given out yet. */
  async upTo(size: number): Promise<SignedRoot[]> {
    const found: SignedRoot[] = []
    for (const source of this.#sources)
      while (source.head && source.head.size <= size) {
        found.push(source.head)
        source.head = await source.next()
      }
    this.#settle()
    return found
  }

  /** What the database holds as signed for a size that was passed already. */
  async stored(size: number): Promise<SignedRoot | undefined> {
    const { client, incarnation } = this.#plan
    const { rows } = await askInTurn<[Buffer]>(client, {
      text: 'SELECT c.root FROM audit.checkpoint c WHERE c.incarnation = $1 AND c.tree_size = $2',
      values: [incarnation, size],
      rowMode: 'array',
    })
    return rows[0] && { size, root: rows[0][0], holder: ownHolder }
  }

  #settle(): void {
    this.next = Math.min(...this.#sources.map(({ head }) => head?.size ?? Infinity))
  }

  async *#readStored(): AsyncGenerator<SignedRoot, void, undefined> {
    const { client, incarnation, verifier, from, findings } = this.#plan
    for await (const { size, root, note } of readCheckpoints(client, incarnation, from)) {
      try {
        const signed = openCheckpoint(note, verifier)
        if (signed.origin !== verifier.name || signed.size !== size || !signed.root.equals(root))
          throw new NoteRefused('the note is about another tree')
        if (this.#opened.size > 10_000) this.#opened.clear()
        this.#opened.set(size, note)
        yield { size, root, holder: ownHolder }
      } catch (error) {
        if (!(error instanceof NoteRefused)) throw error
        findings.say(
          'HISTORY_REWRITTEN',
          size - 1,
          null,
          `the checkpoint of ${size} leaves in the database does not hold: ${error.message}`,
        )
      }
    }
  }

  async *#readAnchor({ id, notes }: HeldAnchor): AsyncGenerator<SignedRoot, void, undefined> {
    let isLater = false
    try {
      for await (const note of notes) {
        const read = this.#openHeld(note)
        if (read === 'later' && !isLater) {
          isLater = true
          this.#plan.findings.say(
            'TRUNCATED_OR_ROLLED_BACK',
            null,
            null,
            `${id} holds checkpoints of a later tree than the database has`,
          )
        }
        if (typeof read === 'string') continue
        this.largest.set(id, Math.max(this.largest.get(id) ?? 0, read.size))
        if (read.size >= this.#plan.from) yield { size: read.size, root: read.root, holder: id }
      }
    } catch (error) {
      if (!(error instanceof AnchorAway)) throw error
      this.unreached.push(id)
    }
  }

  /** A checkpoint of this tree; or `later` for one of a later incarnation, `other` for what is no checkpoint of this log. */
  #openHeld(note: string): { size: number; root: Hash } | 'later' | 'other' {
    const { verifier, incarnation, from } = this.#plan
    try {
      const read = readUnverifiedCheckpoint(note)
      if (read.origin !== verifier.name) return numberOf(read.origin) > incarnation ? 'later' : 'other'
      if (read.size < from) return read
      // With a witness's signature behind it, it is still the note that was found signed in the database.
      const known = this.#opened.get(read.size)
      if (known !== undefined && note.startsWith(known)) {
        this.#opened.delete(read.size)
        return read
      }
      return openCheckpoint(note, verifier)
    } catch (error) {
      if (!(error instanceof NoteRefused)) throw error
      return 'other'
    }
  }
}

const pageSize = 1000

async function* readCheckpoints(
  client: Client,
  incarnation: number,
  from: number,
): AsyncGenerator<{ size: number; root: Hash; note: string }, void, undefined> {
  for (let after = from - 1; ;) {
    const { rows } = await askInTurn<[string, Buffer, string]>(client, {
      text: `SELECT c.tree_size::text, c.root, c.note FROM audit.checkpoint c
              WHERE c.incarnation = $1 AND c.tree_size > $2 ORDER BY c.tree_size LIMIT ${pageSize}`,
      values: [incarnation, after],
      rowMode: 'array',
    })
    for (const [size, root, note] of rows) {
      after = Number(size)
      yield { size: after, root, note }
    }
    if (rows.length < pageSize) return
  }
}

/** Number of the incarnation that an origin ends with. */
function numberOf(origin: string): number {
  return Number(/[/]([0-9]{1,9})$/.exec(origin)?.[1] ?? 0)
}
