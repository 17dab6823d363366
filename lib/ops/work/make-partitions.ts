import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

const monthsAhead = 3

/** Furnishes both logs with partitions for the months ahead: a log without one refuses every access. */
export const makePartitions = async (): Promise<void> => {
  await appQuery('SELECT audit.ensure_partitions($1)', [monthsAhead], 'worker')
}
