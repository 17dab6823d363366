import 'server-only'

import { z } from 'zod'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

const instant = z.string()
const size = z.number()

const integrity = z.object({
  status: z.object({
    incarnation: z.number().nullable(),
    tree_size: size.nullable(),
    sealed_at: instant.nullable(),
    anchored_size: size.nullable(),
    verified_size: size.nullable(),
    verified_at: instant.nullable(),
    verified_ok: z.boolean().nullable(),
  }),
  stale: z.boolean(),
  publication: z
    .object({ tree_size: size, witnesses: z.number(), quorum: z.number(), published_at: instant })
    .nullable(),
  incarnations: z.array(
    z.object({ incarnation: z.number(), origin: z.string(), genesis: z.string(), started_at: instant }),
  ),
  checkpoints: z.array(
    z.object({ tree_size: size, root: z.string(), sealed_at: instant, kept_by: z.array(z.string()) }),
  ),
  anchors: z.array(
    z.object({
      anchor: z.string(),
      kind: z.enum(['file', 'witness', 'bucket']),
      kept_at: instant.nullable(),
      kept_size: size.nullable(),
      failing_since: instant.nullable(),
      failure: z.enum(['away', 'differs']).nullable(),
    }),
  ),
  run: z
    .object({
      mode: z.enum(['full', 'since']),
      started_at: instant.nullable(),
      done_leaves: size.nullable(),
      total_leaves: size.nullable(),
      silent: z.boolean().nullable(),
    })
    .nullable(),
  broken_off: z.object({ finished_at: instant, failure: z.string() }).nullable(),
  verifications: z.array(
    z.object({
      id: z.number(),
      mode: z.enum(['full', 'since', 'sample']),
      cause: z.string(),
      tree_size: size,
      since_size: size,
      checked: size.nullable(),
      ok: z.boolean(),
      findings: z.number(),
      unreached: z.array(z.string()),
      started_at: instant,
      finished_at: instant,
    }),
  ),
  findings: z.array(
    z.object({
      ordinal: z.number(),
      kind: z.string(),
      leaf_index: size.nullable(),
      log_id: z.string().nullable(),
      detail: z.string(),
    }),
  ),
})

/** How the seal stands: sizes, times, ids of entries; nothing of any patient. */
export type Integrity = z.infer<typeof integrity>

/** Reads how the seal stands; that it was looked at is written down first. @returns null when the reader is refused */
export async function readIntegrity(actor: Actor): Promise<Integrity | null> {
  const [row] = await appQuery<{ found: unknown }>('SELECT audit.open_integrity($1, $2) AS found', [
    actor.sessionToken,
    actor.clientIp,
  ])
  return row?.found == null ? null : integrity.parse(row.found)
}

/** Asks for a verification now. @returns `running` when there is one already */
export async function requestVerification(
  actor: Actor,
  mode: 'full' | 'since',
): Promise<'requested' | 'running' | 'refused'> {
  const [row] = await appQuery<{ answer: 'requested' | 'running' | 'refused' }>(
    'SELECT audit.request_verification($1, $2, $3) AS answer',
    [actor.sessionToken, mode, actor.clientIp],
  )
  return row?.answer ?? 'refused'
}
