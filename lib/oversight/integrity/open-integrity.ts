import 'server-only'

import { z } from 'zod'
import { readIntegrity, type Integrity } from '#lib/audit/integrity.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { IntegrityView } from './view.ts'
import { causeInWords, findingInWords, modeInWords, placeInWords } from './words.ts'

const genesis = z.object({ restored: z.object({ reason: z.string() }).nullish() })

/** How the seal of the trail stands. That it was looked at is written down. @returns null when the reader is refused */
export async function openIntegrity(actor: Actor): Promise<IntegrityView | null> {
  const found = await readIntegrity(actor)
  if (!found) return null
  const { status, publication } = found
  const { verified_size: entries, verified_at: at, verified_ok: ok } = status
  const hasWitness = found.anchors.some(({ kind }) => kind === 'witness')
  return {
    entries: status.tree_size ?? 0,
    sealedAt: status.sealed_at,
    verified: entries === null || at === null || ok === null ? null : { entries, at, ok },
    isStale: found.stale,
    run: runOf(found.run),
    brokenOffAt: found.broken_off?.finished_at ?? null,
    findings: found.findings.map((each) => ({
      key: each.ordinal,
      ...findingInWords(each.kind),
      where: whereOf(each),
      detail: each.detail,
    })),
    history: found.verifications.map((each) => ({
      id: each.id,
      what: modeInWords(each.mode),
      why: causeInWords(each.cause),
      entries: each.checked ?? each.tree_size,
      ok: each.ok,
      findings: each.findings,
      seconds: (Date.parse(each.finished_at) - Date.parse(each.started_at)) / 1000,
      at: each.finished_at,
      unreached: each.unreached,
    })),
    places: found.anchors.map((each) => ({
      name: each.anchor.replace(/^(witness|bucket) /, ''),
      what: placeInWords(each.kind),
      entries: each.kept_size,
      at: each.kept_at,
      state: each.failure ?? 'good',
      since: each.failing_since,
    })),
    witnesses:
      hasWitness && publication
        ? {
            count: publication.witnesses,
            quorum: publication.quorum,
            publishedEntries: publication.tree_size,
          }
        : null,
    checkpoints: found.checkpoints.map((each) => ({
      entries: each.tree_size,
      root: each.root,
      at: each.sealed_at,
      keptBy: each.kept_by,
    })),
    trees: found.incarnations.map((each) => ({
      number: each.incarnation,
      startedAt: each.started_at,
      reason: genesis.parse(JSON.parse(each.genesis)).restored?.reason ?? null,
    })),
  }
}

function runOf(run: Integrity['run']): IntegrityView['run'] {
  if (!run) return null
  const [done, total] = [run.done_leaves ?? 0, run.total_leaves ?? 0]
  return {
    mode: run.mode,
    hasStarted: run.started_at !== null,
    percent: total === 0 ? 0 : Math.min(100, Math.round((done / total) * 100)),
    isSilent: run.silent === true,
  }
}

function whereOf({ log_id: logId, leaf_index: leaf }: Integrity['findings'][number]): string {
  const place = leaf === null ? '' : `place ${leaf.toLocaleString('en-US')}`
  return [logId === null ? '' : `entry ${logId}`, place].filter((part) => part !== '').join(', ')
}
