import 'server-only'

import { createHash } from 'node:crypto'
import { dropSealed, readSealed, writeSealed, type SealedState } from './sealed-state.ts'

type Purpose = SealedState<'mail-link'>['purpose']

const purposes: readonly string[] = ['not-me', 'recovery', 'new-address'] satisfies Purpose[]
const isPurpose = (text: string): text is Purpose => purposes.includes(text)

/**
 * Keeps the token of a link in this browser, sealed, for half an hour. Looks nothing up: whether the link is alive is said by the page
 * that it leads to. For route handlers.
 * @returns what the link is for, or null when it is none of ours
 */
export async function keepMailLink(purpose: string, token: string): Promise<Purpose | null> {
  if (!isPurpose(purpose) || !/^[A-Za-z0-9_-]{43}$/.test(token)) return null
  await writeSealed('mail-link', { purpose, token })
  return purpose
}

/** What app.mail_link knows the link of this browser by (SHA-256), or null without one for this purpose. */
export async function readMailLink(purpose: Purpose): Promise<Buffer | null> {
  const state = await readSealed('mail-link')
  if (state?.purpose !== purpose || state.token === null) return null
  return createHash('sha256').update(state.token, 'utf8').digest()
}

/** Forgets it; in actions and route handlers only. */
export const dropMailLink = (): Promise<void> => dropSealed('mail-link')

/** Forgets the token, and that its link did what it is for is kept for the page that says so; in actions and route handlers only. */
export const spendMailLink = (purpose: Purpose): Promise<void> =>
  writeSealed('mail-link', { purpose, token: null })

/** Whether a link for this purpose did what it is for, in this browser, in the last half an hour. An address alone proves nothing of it. */
export async function isMailLinkSpent(purpose: Purpose): Promise<boolean> {
  const state = await readSealed('mail-link')
  return state?.purpose === purpose && state.token === null
}
