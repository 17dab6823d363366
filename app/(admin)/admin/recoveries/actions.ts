'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import {
  agreeToStaffRecovery,
  askStaffRecovery,
  closeStaffRecovery,
  recoveryReasons,
} from '#lib/accounts/people/staff-recovery.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type RecoveryState = { message: string; half?: string; asks?: AskedFactors }

const late = 'Nothing was changed: it was settled meanwhile, is too old, or is not yours to settle.'

/** One step of setting up a colleague's sign-in anew: asking, agreeing, or taking it back. Each half of the code is shown once. */
export async function recoveryStep(_: RecoveryState | null, form: FormData): Promise<RecoveryState> {
  const actor = await requireActor('admin')
  const step = z.enum(['ask', 'agree', 'close']).safeParse(form.get('step'))
  const about = z.uuid().safeParse(form.get('about'))
  if (!step.success || !about.success) return { message: late }
  if (step.data === 'close') {
    const closed = await closeStaffRecovery(actor, about.data)
    revalidatePath(paths.adminRecoveries)
    return { message: closed ? 'The request is closed. Nothing has changed for the person.' : late }
  }
  const raised = await stepUp(actor, form, 'recovery-code')
  if (raised.kind === 'refused') return { message: raised.message, asks: raised.asks }
  if (step.data === 'ask') return ask(raised.actor, about.data, form.get('reason'))
  const half = await agreeToStaffRecovery(raised.actor, about.data)
  if (half === null) return { message: late }
  return {
    half,
    message:
      'This is the second half of the code. Give it to the person yourself, when you have made sure who they are. It works for 24 hours, together with the first half.',
  }
}

async function ask(actor: Actor, accountId: string, given: unknown): Promise<RecoveryState> {
  const reason = z.enum(recoveryReasons).safeParse(given)
  if (!reason.success) return { message: 'Choose why the person needs it.' }
  const outcome = await askStaffRecovery(actor, accountId, reason.data)
  if (outcome.kind !== 'asked')
    return {
      message:
        outcome.kind === 'open'
          ? 'Somebody has asked for it already. A second administrator has to agree.'
          : late,
    }
  return {
    half: outcome.half,
    message:
      'This is the first half of the code, shown this once. Give it to the person yourself. Another administrator was told: nothing changes before they agree.',
  }
}
