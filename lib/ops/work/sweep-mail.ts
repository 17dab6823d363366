import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

/** Throws away letters after 90 days, and browsers that were not seen for 400. */
export const sweepMail = async (): Promise<void> => {
  await appQuery('SELECT app.mail_sweep()', [], 'worker')
}
