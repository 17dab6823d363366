import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** What an operator's verb on key-encryption keys and on the root reports; docs/audit-events.md explains each. */
export type KeyWork =
  | 'KEK_ROTATION_STARTED'
  | 'KEK_ROTATION_ENDED'
  | 'KEK_VERSION_DESTROYED'
  | 'ROOT_KEY_RENEWED'
  | 'ROOT_KEY_MOVE_STARTED'
  | 'ROOT_KEY_MOVED'
  | 'RECOVERY_SHEET_PRINTED'
  | 'KEYRING_RESTORED'

/**
 * Writes a security event of the job that renews keys, committed on return: under a session of its own, for the work may take
 * longer than a session lives unused.
 * @param detail numbers, versions, names of providers, ids; the database refuses anything longer
 * @throws AuditUnavailable when it cannot be written: then the work must not be done
 */
export const noteKeyWork = (
  event: KeyWork,
  detail: Readonly<Record<string, string | number>>,
): Promise<void> =>
  asService('key-rotation', async (actor) => {
    await appQuery(
      'SELECT app.note_key_work($1, $2, $3)',
      [actor.sessionToken, event, JSON.stringify(detail)],
      'worker',
    )
  })
