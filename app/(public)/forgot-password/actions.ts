'use server'

import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { askRecovery, lettersCanBeSent } from '#lib/accounts/recovery/ask-recovery.ts'
import { thisClient } from '#lib/auth/client.ts'
import { waitText } from '#lib/auth/refusal-text.ts'

export type AskState = { errors: FieldError[]; email: string; isAsked: boolean }

const input = z.string().trim().min(1).max(254)

/** Asks for a letter with a link. The answer is the same for every address. */
export async function askForLink(_: AskState, form: FormData): Promise<AskState> {
  const given = input.safeParse(form.get('email'))
  const failed = (field: string, message: string): AskState => ({
    errors: [{ field, message }],
    email: given.success ? given.data : '',
    isAsked: false,
  })
  if (!given.success) return failed('email', 'Enter your email address')
  if (!lettersCanBeSent) return failed('', 'We cannot send email just now. Call us, and we will help you.')
  const outcome = await askRecovery(given.data, await thisClient())
  if (outcome.kind === 'wait')
    return failed(
      '',
      `${waitText(outcome.seconds)} Or use a browser in which you have signed in before, or call us.`,
    )
  return { errors: [], email: '', isAsked: true }
}
