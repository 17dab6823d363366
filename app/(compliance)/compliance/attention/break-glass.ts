import 'server-only'

import type { Task } from '#components/ui/task-list.tsx'
import { readWaiting } from '#lib/oversight/break-glass/waiting.ts'
import { plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Emergency accesses that are open, to review or to sign, and incidents. */
export const breakGlassAttention: AttentionSource = async (actor) => {
  const { active, toReview, overdue, toSign, incidents, incidentsDue } = await readWaiting(actor)
  const row = (id: string, count: number, title: string, rest: Partial<Task>): Task[] =>
    count === 0 ? [] : [{ id, href: paths.complianceBreakGlass, icon: 'triangle-alert', title, ...rest }]
  return [
    ...row('break-glass-open', active, plural(active, 'record is open in an emergency', 'records are open in an emergency'), { tone: 'emergency', description: 'It ends by itself after an hour; you can stop it.' }),
    ...row('break-glass-review', toReview, plural(toReview, 'emergency access to review', 'emergency accesses to review'), { tone: overdue > 0 ? 'bad' : 'warn', description: overdue > 0 ? `${plural(overdue, 'review')} overdue.` : 'Due within one business day.' }),
    ...row('break-glass-sign', toSign, plural(toSign, 'emergency access needs a second signature', 'emergency accesses need a second signature'), { tone: 'warn' }),
    ...row('incidents', incidents, plural(incidents, 'open incident'), { href: paths.complianceIncidents, icon: 'circle-alert', tone: incidentsDue > 0 ? 'bad' : 'warn', description: incidentsDue > 0 ? 'Somebody must be told within a week.' : 'To assess, or to close.' }),
  ]
} // prettier-ignore
