import 'server-only'
import type { Client } from 'pg'

import { CompactRange } from '#lib/merkle/compact-range.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'
import type { Anchor } from './anchor.ts'
import type { Finding, FindingKind, Verdict } from './finding.ts'
import { askInTurn } from './ask-in-turn.ts'
import { isBefore } from './read-unsealed.ts'
import { readSealedRows } from './row-reader.ts'
import { readSealState, type Leaf } from './seal-store.ts'
import { readSignedRoots, type SignedRoot } from './signed-roots.ts'
import { textSettings } from './sealed-log.ts'

/** Findings that are listed; a rewritten log has more than anybody reads. */
const listedMax = 1000
const pageSize = 10_000

/**
 * Holds every sealed row against its leaf, the leaves against each other, and the tree that they make against every root
 * that was signed, in the database and at the anchors. Reads one snapshot, so writers and the sealer may go on.
 * @param verifier the sealer's public key, from outside the database: whoever rewrites the database can exchange that one
 */
export async function verifyTrail(
  client: Client,
  verifier: VerifierKey,
  anchors: readonly Anchor[],
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Verdict> {
  // Anchors first: what is anchored after the snapshot was taken would look like a tree that was cut short.
  const held = await readAnchorsFirst(anchors)
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
  try {
    return await verify(client, verifier, held, onProgress)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

async function readAnchorsFirst(anchors: readonly Anchor[]): Promise<Anchor[]> {
  return Promise.all(
    anchors.map(async (anchor) => {
      const notes = await Array.fromAsync(anchor.all())
      return {
        id: anchor.id,
        newest: () => Promise.resolve(notes.at(-1)),
        async *all() {
          yield* notes
        },
        keep: (note: string) => anchor.keep(note),
      }
    }),
  )
}

async function verify(
  client: Client,
  verifier: VerifierKey,
  anchors: readonly Anchor[],
  onProgress: (done: number, of: number) => void,
): Promise<Verdict> {
  const findings = new Findings()
  const state = await readSealState(client)
  const incarnation = state?.incarnation ?? 0
  const treeSize = state?.range.size ?? 0
  const signed = await readSignedRoots(client, incarnation, verifier, anchors)
  for (const finding of signed.findings) findings.add(finding)
  if (state && state.origin !== verifier.name)
    findings.say(
      'HISTORY_REWRITTEN',
      null,
      null,
      `the database seals as ${state.origin}, not as ${verifier.name}`,
    )
  for (const { size, holder } of signed.roots.filter(
    (each) => each.size > treeSize && each.holder !== 'database',
  ))
    findings.say(
      'TRUNCATED_OR_ROLLED_BACK',
      size - 1,
      null,
      `${holder} holds a tree of ${size} leaves, the database ${treeSize}`,
    )

  const tree = new TreeCheck(signed.roots, findings)
  const rows = readSealedRows(client, { tx: '0', seq: '0' }, state?.watermark ?? { tx: '0', seq: '0' })
  const unmatched = new Unmatched()
  let row = await rows.next()
  let through: string | null = null
  for await (const leaf of readLeaves(client, incarnation)) {
    tree.take(leaf)
    if (tree.size % pageSize === 0) onProgress(tree.size, treeSize)
    if (leaf.letter === 'G') continue
    while (!row.done && row.value.logId !== leaf.logId && isBefore(row.value, leaf)) {
      unmatched.row(row.value)
      row = await rows.next()
    }
    if (!row.done && row.value.logId === leaf.logId) {
      if (!row.value.hash.equals(leaf.hash))
        findings.say('ROW_EDITED', leaf.index, leaf.logId, 'the row does not hash to its leaf')
      through = row.value.accessedAt
      row = await rows.next()
    } else {
      unmatched.leaf(leaf)
    }
  }
  for (; !row.done; row = await rows.next()) unmatched.row(row.value)
  unmatched.tell(findings)
  tree.end(treeSize)
  await checkStale(client, findings)
  onProgress(treeSize, treeSize)
  return {
    ok: findings.count === 0,
    incarnation,
    origin: verifier.name,
    treeSize,
    root: tree.root.toString('base64'),
    sealedThrough: through,
    findings: findings.list,
    more: findings.count - findings.list.length,
  }
}

type StoredLeaf = Leaf & { readonly index: number }

async function* readLeaves(client: Client, incarnation: number): AsyncGenerator<StoredLeaf, void, undefined> {
  for (let after = -1; ;) {
    const { rows } = await askInTurn<[string, string, string | null, string | null, string | null, Buffer]>(
      client,
      {
        text: `SELECT f.leaf_index::text, f.log::text, f.log_id::text, f.tx_id::text, f.seq::text, f.leaf_hash
               FROM audit.seal_leaf f WHERE f.incarnation = $1 AND f.leaf_index > $2 ORDER BY f.leaf_index LIMIT ${pageSize}`,
        values: [incarnation, after],
        rowMode: 'array',
      },
    )
    for (const [index, letter, logId, tx, seq, hash] of rows) {
      after = Number(index)
      yield { index: after, letter, logId, accessedAt: null, tx, seq, hash }
    }
    if (rows.length < pageSize) return
  }
}

/** Builds the tree from the leaves as they stand and compares it at each size that was signed. */
class TreeCheck {
  readonly #range = new CompactRange()
  readonly #roots: readonly SignedRoot[]
  readonly #findings: Findings
  /** holders whose first difference was told: all that follow differ too */
  readonly #told = new Set<string>()
  #next = 0
  #last: StoredLeaf | undefined

  constructor(roots: readonly SignedRoot[], findings: Findings) {
    this.#roots = roots
    this.#findings = findings
  }

  get size(): number {
    return this.#range.size
  }

  get root(): Hash {
    return this.#range.root()
  }

  take(leaf: StoredLeaf): void {
    if (leaf.index !== this.#range.size && leaf.index !== (this.#last?.index ?? -1) + 1)
      this.#findings.say('ROW_DELETED', leaf.index, null, `the leaves before ${leaf.index} are gone`)
    if (this.#last && this.#last.letter !== 'G' && !isBefore(this.#last, leaf))
      this.#findings.say('REORDERED', leaf.index, leaf.logId, 'this leaf stands behind a later row')
    this.#last = leaf
    this.#range.append(leaf.hash)
    this.#compare()
  }

  end(treeSize: number): void {
    if (this.#range.size < treeSize)
      this.#findings.say(
        'TRUNCATED_OR_ROLLED_BACK',
        this.#range.size,
        null,
        `${treeSize} leaves were signed, ${this.#range.size} are there`,
      )
  }

  #compare(): void {
    let signed = this.#roots[this.#next]
    while (signed && signed.size < this.#range.size) signed = this.#roots[(this.#next += 1)]
    if (signed?.size !== this.#range.size) return
    this.#next += 1
    if (signed.root.equals(this.#range.root()) || this.#told.has(signed.holder)) return
    this.#told.add(signed.holder)
    this.#findings.say(
      'HISTORY_REWRITTEN',
      signed.size - 1,
      null,
      `the first ${signed.size} leaves do not lead to the root that ${signed.holder} holds`,
    )
  }
}

/** Rows without a leaf and leaves without a row; one id on both sides is a row whose place was changed. */
class Unmatched {
  readonly #rows = new Map<string, Leaf>()
  readonly #leaves = new Map<string, StoredLeaf>()

  row(leaf: Leaf): void {
    this.#rows.set(leaf.logId ?? '', leaf)
  }

  leaf(leaf: StoredLeaf): void {
    this.#leaves.set(leaf.logId ?? '', leaf)
  }

  tell(findings: Findings): void {
    for (const [logId, { index }] of this.#leaves) {
      if (this.#rows.delete(logId))
        findings.say('ROW_EDITED', index, logId, 'the row was given another place in the order')
      else findings.say('ROW_DELETED', index, logId, 'the row of this leaf is gone')
    }
    for (const [logId] of this.#rows)
      findings.say('ROW_INSERTED', null, logId, 'the row stands among sealed ones and was never sealed')
  }
}

class Findings {
  readonly list: Finding[] = []
  count = 0

  add(finding: Finding): void {
    this.count += 1
    if (this.list.length < listedMax) this.list.push(finding)
  }

  say(kind: FindingKind, leafIndex: number | null, logId: string | null, detail: string): void {
    this.add({ kind, leafIndex, logId, detail })
  }
}

async function checkStale(client: Client, findings: Findings): Promise<void> {
  const { rows } = await client.query<{ oldest: Date | null; stale: boolean | null }>(
    `SELECT s.oldest_unsealed_at AS oldest, s.oldest_unsealed_at < clock_timestamp() - interval '60 seconds'
       AND coalesce(s.sealed_at < clock_timestamp() - interval '60 seconds', true) AS stale FROM audit.seal_status() s`,
  )
  if (rows[0]?.stale === true)
    findings.say('SEAL_STALE', null, null, 'rows wait to be sealed for more than a minute')
}
