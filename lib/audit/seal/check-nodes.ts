import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from './ask-in-turn.ts'
import type { Findings } from './findings.ts'
import { keptLevels, type Node } from './seal-store.ts'

/** Nodes that are compared with one question. */
const pageSize = 1000

/**
 * Holds the kept roots of subtrees against those that the leaves lead to: proofs are made of them, so one that was exchanged
 * would make proofs that nobody accepts.
 */
export class NodeCheck {
  readonly #client: Client
  readonly #incarnation: number
  readonly #findings: Findings
  #waiting: Node[] = []
  #wrong: { first: number; count: number } | undefined

  constructor(client: Client, incarnation: number, findings: Findings) {
    this.#client = client
    this.#incarnation = incarnation
    this.#findings = findings
  }

  /** Hears of each subtree that is complete. */
  readonly add = (level: number, index: number, hash: Buffer): void => {
    if (keptLevels.has(level)) this.#waiting.push({ level, index, hash })
  }

  /** Whether enough wait to be compared. */
  get isFull(): boolean {
    return this.#waiting.length >= pageSize
  }

  /** Compares those that wait. */
  async compare(): Promise<void> {
    const nodes = this.#waiting
    this.#waiting = []
    if (nodes.length === 0) return
    const { rows } = await askInTurn<[number, string]>(this.#client, {
      text: `SELECT w.level, w.node_index::text FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS w (level, node_index, hash)
               LEFT JOIN audit.seal_node n ON n.incarnation = $1 AND n.level = w.level AND n.node_index = w.node_index
              WHERE n.hash IS DISTINCT FROM w.hash ORDER BY w.level, w.node_index`,
      values: [
        this.#incarnation,
        nodes.map((node) => node.level),
        nodes.map((node) => node.index),
        nodes.map((node) => node.hash),
      ],
      rowMode: 'array',
    })
    for (const [level, index] of rows)
      this.#wrong ??= { first: Number(index) * 2 ** level, count: 2 ** level }
  }

  /** Says so, unless the leaves themselves are wrong: then nothing above them fits, and each is named already. */
  tell(): void {
    if (!this.#wrong || this.#findings.count > 0) return
    const { first, count } = this.#wrong
    this.#findings.say(
      'HISTORY_REWRITTEN',
      first,
      null,
      `the root that is kept for leaves ${first} to ${first + count - 1} is not theirs`,
    )
  }
}
