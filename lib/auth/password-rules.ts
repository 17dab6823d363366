import 'server-only'

import { isCommonPassword } from './common-passwords.ts'

/** Counted in code points, so that an emoji or an accented letter is one (NIST SP 800-63B-4 §3.1.1.2). */
export const passwordLengthMin = 12
export const passwordLengthMax = 128

export type PasswordFault = 'too-short' | 'too-long' | 'common'

/**
 * Why a new password is refused, or null. Length and lists of common passwords are all: no composition rules, no
 * forced change, nothing is cut off (ASVS 5.0 6.2.1, 6.2.4, 6.2.5, 6.2.8 to 6.2.12; docs/passwords.md).
 * @param about what is known of its owner: their e-mail address, their name; a password that is little else is refused
 */
export function passwordFault(password: string, about: readonly string[] = []): PasswordFault | null {
  const normal = password.normalize('NFC')
  const length = [...normal].length
  if (length < passwordLengthMin) return 'too-short'
  if (length > passwordLengthMax) return 'too-long'
  return isCommonPassword(normal, about) ? 'common' : null
}

/** The sentence beside the field. */
export const passwordFaultText: Readonly<Record<PasswordFault, string>> = {
  'too-short': `Use at least ${passwordLengthMin} characters. A few words that only you would put together work well.`,
  'too-long': `Use at most ${passwordLengthMax} characters.`,
  common: 'This password is too easy to guess. Choose one that is less common.',
}
