import 'server-only'
import type { Job } from './job.ts'

const hour = 3600
const day = 24 * hour

/**
 * Everything that happens by itself from time to time: one line a job. A module is loaded when its job first runs, so that the
 * worker holds no more than it needs.
 */
export const jobs: readonly Job[] = [
  {
    name: 'audit.partitions',
    everySeconds: day,
    run: async () => (await import('./make-partitions.ts')).makePartitions(),
  },
  {
    name: 'access-reviews',
    everySeconds: hour,
    run: async () => (await import('./sweep-reviews.ts')).sweepReviews(),
  },
  {
    name: 'audit.watch',
    everySeconds: hour,
    run: async (signal) => (await import('#lib/ops/watch/watch-accesses.ts')).watchAccesses(signal),
  },
  {
    name: 'audit.break-glass',
    everySeconds: 60,
    run: async () => (await import('./settle-break-glass.ts')).settleBreakGlass(),
  },
  {
    name: 'mail.sweep',
    everySeconds: day,
    run: async () => (await import('./sweep-mail.ts')).sweepMail(),
  },
  {
    name: 'patients.reminders',
    everySeconds: day,
    run: async () => (await import('./remind-of-patient-work.ts')).remindOfPatientWork(),
  },
  {
    name: 'limits',
    everySeconds: hour,
    run: async () => (await import('./sweep-limits.ts')).sweepLimits(),
  },
]
