import 'server-only'
import type { Client } from 'pg'

import type { AttestationKey } from '#lib/audit/attest/attestation-key.ts'
import type { ArchiveSource } from '#lib/audit/archive/archive-source.ts'
import { listArchives } from '#lib/audit/archive/list-archives.ts'
import { listEarlierArchives, type EarlierArchive } from '#lib/audit/archive/list-earlier-archives.ts'
import type { ArchivedRows } from '#lib/audit/archive/read-archived.ts'
import { checkWriters } from '#lib/audit/attest/check-writers.ts'
import { findWritersStart } from '#lib/audit/attest/find-writers-start.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Anchor } from './anchor.ts'
import { checkAnchors } from './check-anchors.ts'
import { checkEarlierArchives } from './check-earlier-archives.ts'
import { NodeCheck } from './check-nodes.ts'
import { checkRows } from './check-rows.ts'
import { checkSample } from './check-sample.ts'
import { checkStale } from './check-stale.ts'
import type { Verdict, VerifyMode } from './finding.ts'
import { Findings } from './findings.ts'
import { holdAnchors, type HeldAnchor } from './hold-anchors.ts'
import { nodeReader } from './read-node.ts'
import { readReceipts, type Receipt } from './read-receipts.ts'
import { readSealState } from './seal-store.ts'
import { textSettings } from './sealed-log.ts'
import { SignedRoots } from './signed-roots.ts'
import { atTheBeginning, findStartingPoint } from './starting-point.ts'
import { TreeCheck } from './tree-check.ts'

type Options = {
  readonly mode?: VerifyMode
  readonly onProgress?: (done: number, of: number) => void
  /** the secrets by which processes vouched for what they wrote; without one that is not checked */
  readonly writerKeys?: readonly AttestationKey[]
  /** where months are read that left the logs; without it their entries count as gone */
  readonly archives?: ArchiveSource
}

type Plan = {
  readonly client: Client
  readonly verifier: VerifierKey
  readonly mode: VerifyMode
  readonly anchors: readonly HeldAnchor[]
  readonly receipts: readonly Receipt[]
  readonly onProgress: (done: number, of: number) => void
  readonly writerKeys: readonly AttestationKey[]
  readonly archives: ArchiveSource | undefined
}

/**
 * Holds sealed rows against their leaves, the leaves against each other, and the tree that they make against every root
 * that was signed, in the database and at the anchors. Reads one snapshot, so writers and the sealer may go on; and streams, so
 * that memory does not grow with the trail. Then every row, sealed or not, against what the process vouched for that wrote it.
 * @param verifier the sealer's public key, from outside the database: whoever rewrites the database can exchange that one
 */
export async function verifyTrail(
  client: Client,
  verifier: VerifierKey,
  anchors: readonly Anchor[],
  { mode = { kind: 'full' }, onProgress = () => undefined, writerKeys = [], archives }: Options = {},
): Promise<Verdict> {
  // In this order: receipts are older than what the anchors give out, and that is older than the snapshot.
  const receipts = await readReceipts(client)
  const { held, unreached } = await holdAnchors(anchors)
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
  try {
    const verdict = await verify({
      client,
      verifier,
      mode,
      anchors: held,
      receipts,
      onProgress,
      writerKeys,
      archives,
    })
    return { ...verdict, unreached: [...unreached, ...verdict.unreached] }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

async function verify({
  client,
  verifier,
  mode,
  anchors,
  receipts,
  onProgress,
  writerKeys,
  archives,
}: Plan): Promise<Verdict> {
  const findings = new Findings()
  const state = await readSealState(client)
  const incarnation = state?.incarnation ?? 0
  const treeSize = state?.range.size ?? 0
  if (state && state.origin !== verifier.name)
    findings.say(
      'HISTORY_REWRITTEN',
      null,
      null,
      `the database seals as ${state.origin}, not as ${verifier.name}`,
    )
  const start =
    mode.kind === 'full'
      ? atTheBeginning
      : await findStartingPoint(
          client,
          incarnation,
          verifier,
          mode.kind === 'sample' ? treeSize : mode.size,
          findings,
        )
  const roots = new SignedRoots({ client, incarnation, verifier, from: start.range.size, findings }, anchors)
  await roots.begin()
  const nodes = new NodeCheck(client, incarnation, findings)
  const tree = new TreeCheck(start.range, roots, nodeReader(client, incarnation), nodes, findings)
  await tree.compare()
  const archived: ArchivedRows | undefined = archives && {
    source: archives,
    list: await listArchives(client, incarnation, mode.kind === 'since' ? start.range.size : 0),
  }
  const looked =
    mode.kind === 'sample'
      ? await checkSample({ client, incarnation, range: start.range, count: mode.count, findings, archived })
      : await checkRows({
          client,
          incarnation,
          start,
          through: state?.watermark ?? atTheBeginning.watermark,
          tree,
          findings,
          archived,
          onProgress: (done) => onProgress(done, treeSize),
        })
  await nodes.compare()
  tree.end(treeSize)
  // What was signed for larger trees than this one is read to its end, so that the largest of each anchor is known.
  await roots.upTo(Infinity)
  checkAnchors(
    anchors
      .filter(({ id }) => !roots.unreached.includes(id))
      .map(({ id }) => ({ id, largest: roots.largest.get(id) ?? 0 })),
    receipts.filter((receipt) => receipt.incarnation === incarnation),
    treeSize,
    findings,
  )
  nodes.tell()
  const earlier = archives && mode.kind === 'full' ? await listEarlierArchives(client, incarnation) : []
  if (archives) await checkEarlierArchives(earlier, archives, verifier, findings)
  await checkStale(client, findings)
  const writers =
    writerKeys.length === 0
      ? null
      : await checkWriters(
          client,
          writerKeys,
          (kind, logId, detail) => findings.say(kind, null, logId, detail),
          mode.kind === 'full'
            ? undefined
            : await findWritersStart(
                client,
                incarnation,
                mode.kind === 'since' ? start.range.size : treeSize,
              ),
          // What was written in the last minutes is in no archive.
          mode.kind === 'full' && archived ? [...byTree(earlier, archived.source), archived] : [],
        )
  onProgress(treeSize, treeSize)
  return {
    ok: findings.count === 0,
    mode: mode.kind,
    since: mode.kind === 'since' ? start.range.size : 0,
    checked: looked.checked,
    incarnation,
    origin: verifier.name,
    treeSize,
    root: tree.root.toString('base64'),
    sealedThrough: looked.through,
    writers,
    findings: findings.list,
    more: findings.count - findings.list.length,
    unreached: roots.unreached,
  }
}

/** Archives of each tree by themselves: places are those of one tree. */
const byTree = (archives: readonly EarlierArchive[], source: ArchiveSource): ArchivedRows[] =>
  [...Map.groupBy(archives, ({ incarnation }) => incarnation).values()].map((list) => ({ source, list }))
