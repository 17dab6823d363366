import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

/** A rotation of data keys as the key store remembers it. */
export type Rotation = {
  readonly id: string
  /** whose keys; null for everybody's */
  readonly ownerId: string | null
  /** a version whose making stands behind this entry of the key store's log is new enough */
  readonly afterEvent: string
  readonly startedAt: Date
  /** whether it was open already: a rotation that was interrupted, or that somebody else is at */
  readonly continued: boolean
}

const row = z.object({ id: z.string(), after_event: z.string(), started_at: z.date() })

/**
 * The open rotation of an owner's keys (of everybody's without one), or a new one. Which keys it has still to replace
 * follows from the store's log, so that whoever resumes needs nothing but this row.
 */
export async function beginRotation(database: Pool, owner: string | null, anew: boolean): Promise<Rotation> {
  if (anew) await closeOpen(database, owner)
  for (;;) {
    const made = await database.query(
      `INSERT INTO keys.data_key_rotation (owner_id, after_event)
       SELECT $1, coalesce(max(id), 0) FROM keys.key_event ON CONFLICT DO NOTHING
       RETURNING id::text, after_event::text, started_at`,
      [owner],
    )
    const [fresh] = z.array(row).parse(made.rows)
    if (fresh) return toRotation(fresh, owner, false)
    const open = await database.query(
      `SELECT id::text, after_event::text, started_at FROM keys.data_key_rotation
        WHERE coalesce(owner_id, '') = coalesce($1, '') AND ended_at IS NULL`,
      [owner],
    )
    const [present] = z.array(row).parse(open.rows)
    if (present) return toRotation(present, owner, true)
    // It ended between the two statements: the next attempt makes one.
  }
}

/** Notes that nothing is left to do. Whoever comes second changes nothing. */
export async function endRotation(database: Pool, rotation: Rotation): Promise<void> {
  await database.query(
    'UPDATE keys.data_key_rotation SET ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL',
    [rotation.id],
  )
}

async function closeOpen(database: Pool, owner: string | null): Promise<void> {
  await database.query(
    `UPDATE keys.data_key_rotation SET ended_at = clock_timestamp()
      WHERE coalesce(owner_id, '') = coalesce($1, '') AND ended_at IS NULL`,
    [owner],
  )
}

function toRotation(of: z.infer<typeof row>, ownerId: string | null, continued: boolean): Rotation {
  return { id: of.id, ownerId, afterEvent: of.after_event, startedAt: of.started_at, continued }
}
