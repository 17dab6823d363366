import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

/** Ends access that nobody answered for until a review's deadline, reminds before it, and begins reviews that are due again. */
export const sweepReviews = async (): Promise<void> => {
  await appQuery('SELECT * FROM audit.review_sweep()', [], 'worker')
}
