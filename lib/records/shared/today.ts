import 'server-only'

import { now } from '#lib/clock.ts'
import { localDay } from '#lib/format.ts'

/** Today in the clinic's zone, `YYYY-MM-DD`. */
export const today = (): string => localDay(now().toISOString())
