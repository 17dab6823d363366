import 'server-only'

import { clinic } from '#lib/clinic.ts'

/** What is said while account or address has to wait. */
export function waitText(seconds: number): string {
  if (seconds > 24 * 3600)
    return `Too many tries. Use a passkey or a device that you have signed in with before, set a new password, or call us at ${clinic.phone}.`
  return `Too many tries. Wait ${span(seconds)}, then try again.`
}

/** What is said of a code or link that is none, where codes have to wait (limit-code.ts): a good one does not. */
export function waitForCodeText(seconds: number): string {
  return `This code does not work, and too many like it were tried from this network. Check it: the right one works at once. To try another, wait ${span(seconds)}.`
}

function span(seconds: number): string {
  return seconds <= 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}

/** What is said about a one-time or recovery code that did not work. */
export function codeText(kind: 'wrong' | 'used', method: 'totp' | 'recovery-code' | 'enrolment'): string {
  if (method === 'recovery-code')
    return 'This recovery code is not right, or it was used before. Each code works once.'
  return kind === 'used'
    ? 'This code was used already. Wait until your app shows the next one.'
    : 'The code is not right. Use the newest code in your app, and check that the clock of your phone is set automatically.'
}
