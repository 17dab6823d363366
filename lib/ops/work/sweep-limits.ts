import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

/** Takes counts of knocks away that no longer hold anybody up. No limit needs it to end. */
export const sweepLimits = async (): Promise<void> => {
  await appQuery('SELECT app.rate_limit_sweep()', [], 'worker')
}
