import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

/** Says of emergency accesses that their hour is over, and reminds of reviews that are late. Admission needs none of it. */
export const settleBreakGlass = async (): Promise<void> => {
  await appQuery('SELECT audit.break_glass_sweep()', [], 'worker')
}
