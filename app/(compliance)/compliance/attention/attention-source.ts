import 'server-only'

import type { Task } from '#components/ui/task-list.tsx'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * What one part of the product wants a compliance officer to look at now: rows of the overview, the most urgent first.
 * Nothing to do is an empty list, so that the overview stays short on a quiet day.
 */
export type AttentionSource = (actor: Actor) => Promise<Task[]>
