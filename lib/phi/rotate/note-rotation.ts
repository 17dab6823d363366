import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** Writes down that a rotation began or ended, or that former keys were retired: numbers, and whose, never a value. */
export async function noteRotation(
  event: 'DATA_KEY_ROTATION_STARTED' | 'DATA_KEY_ROTATION_ENDED' | 'DATA_KEYS_RETIRED',
  detail: Readonly<Record<string, string | number>>,
): Promise<void> {
  await asService('key-rotation', (actor) =>
    appQuery('SELECT app.note_key_rotation($1, $2, $3::jsonb)', [actor.sessionToken, event, JSON.stringify(detail)], 'worker'),
  ) // prettier-ignore
}
