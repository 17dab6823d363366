import 'server-only'
import type { Client } from 'pg'

import { beginIncarnation } from '#lib/audit/seal/begin-incarnation.ts'
import { AnchorAway, type Anchor } from '#lib/audit/seal/anchor.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { Refused } from '#lib/errors.ts'
import { openCheckpoint, readUnverifiedCheckpoint } from '#lib/merkle/checkpoint.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { openAnchors } from '#lib/ops/seal/open-anchors.ts'
import { sealerLock } from '#lib/ops/seal/run-sealer.ts'
import { readSealKey, readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { reportSealEvent } from '#lib/ops/seal/report-seal-event.ts'
import type { Env } from '#lib/parse-env.ts'
import { withSeal } from './with-seal.ts'

export const options = { reason: { type: 'string' } } as const satisfies CommandModule['options']

/**
 * `vigil audit restore-ack --reason …`: after a backup was put back, the anchor knows more than the database, and the
 * sealer stands still. This begins a new tree, whose first leaf says what was lost and why: the loss is on record for good.
 */
export const run: CommandModule['run'] = ({ words, options: given, env }) => {
  const reason = typeof given['reason'] === 'string' ? given['reason'].trim() : ''
  if (words.length > 0 || reason.length < 10 || reason.length > 500)
    throw new WrongUsage('Say why, in 10 to 500 characters: --reason "Restored the backup of …".')
  return withSeal(env, async (client) => {
    const anchored = await findNewest((await openAnchors(env)).all, env)
    if (anchored === undefined) throw new Refused('No anchor holds a checkpoint: nothing can be missing.')
    const state = await readSealState(client)
    if (state && (await holds(client, state.incarnation, state.origin, anchored)))
      throw new Refused(
        'The database holds all that the anchor holds: nothing was lost, and there is nothing to state.',
      )
    const restoredSize = state?.range.size ?? 0
    const incarnation = await nextIncarnation(client, anchored.origin)
    await whileNobodySeals(client, () =>
      beginIncarnation(client, incarnation, readSealKey(env.home, incarnation), {
        reason,
        restoredSize,
        lastAnchored: { ...anchored, root: anchored.root.toString('base64') },
      }),
    )
    await reportSealEvent(client, 'AUDIT_RESTORE_ACKNOWLEDGED', {
      incarnation,
      restored_size: restoredSize,
      anchored_size: anchored.size,
    })
    return {
      ok: true,
      text: `A new tree begins (number ${incarnation}). On record in its first leaf: the anchor knew ${anchored.size} leaves, the database came back with ${restoredSize}. The sealer goes on by itself.`,
      json: {
        incarnation,
        restoredSize,
        lastAnchored: { ...anchored, root: anchored.root.toString('base64') },
      },
    }
  })
}

type Anchored = ReturnType<typeof readUnverifiedCheckpoint>

/** Number of the tree that a checkpoint is about. */
const treeOf = ({ origin }: Anchored): number => Number(/[/]([0-9]+)$/.exec(origin)?.[1] ?? 0)

/**
 * The newest checkpoint of the newest tree that any anchor holds. The file may have been put back together with the
 * database: then a witness or a bucket knows more. Only what this installation's key signed counts.
 */
const findNewest = async (anchors: readonly Anchor[], env: Env): Promise<Anchored | undefined> => {
  const found: Anchored[] = []
  for (const anchor of anchors) {
    try {
      const note = await anchor.newest()
      if (note === undefined) continue
      found.push(openCheckpoint(note, readVerifierKey(env.home, treeOf(readUnverifiedCheckpoint(note)))))
    } catch (error) {
      if (!(error instanceof AnchorAway || error instanceof NoteRefused)) throw error
    }
  }
  return found.toSorted((a, b) => treeOf(b) - treeOf(a) || b.size - a.size)[0]
}

const holds = async (
  client: Client,
  incarnation: number,
  origin: string,
  anchored: Anchored,
): Promise<boolean> => {
  if (origin !== anchored.origin) return false
  const { rows } = await client.query<{ root: Buffer }>(
    'SELECT root FROM audit.checkpoint WHERE incarnation = $1 AND tree_size = $2',
    [incarnation, anchored.size],
  )
  return rows[0]?.root.equals(anchored.root) === true
}

/** Above all that the database has, and all that the anchor has seen: a name is never used twice. */
const nextIncarnation = async (client: Client, anchoredOrigin: string): Promise<number> => {
  const { rows } = await client.query<{ known: number | null }>(
    'SELECT max(incarnation) AS known FROM audit.seal_incarnation',
  )
  const anchored = Number(/[/]([0-9]+)$/.exec(anchoredOrigin)?.[1] ?? 0)
  return Math.max(rows[0]?.known ?? 0, anchored) + 1
}

const whileNobodySeals = async (client: Client, work: () => Promise<unknown>): Promise<void> => {
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS mine', [
    ...sealerLock,
  ])
  if (rows[0]?.mine !== true)
    throw new Refused(
      'The sealer is at work, so the database is not behind its anchor any more: try again, and see "vigil audit verify".',
    )
  try {
    await work()
  } finally {
    await client.query('SELECT pg_advisory_unlock($1, $2)', [...sealerLock])
  }
}
