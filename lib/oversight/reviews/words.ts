import 'server-only'

import type { ReviewAnswerView, ReviewScope } from './view.ts'

/** What a review is called. */
export const scopeTitles: Readonly<Record<ReviewScope, string>> = {
  privileged: 'Administrators and compliance officers',
  standard: 'Nurses, clinicians and billing',
}

/** What became of an account, in words. */
export const outcomeWords: Readonly<Record<string, Pick<ReviewAnswerView, 'text' | 'tone'>>> = {
  kept: { text: 'Kept', tone: 'ok' },
  changed: { text: 'Role changed', tone: 'warn' },
  revoked: { text: 'Access ended', tone: 'bad' },
  gone: { text: 'Account was closed already', tone: 'neutral' },
  last: { text: 'Left: nobody else has this role', tone: 'warn' },
}

/** Why the database refused a step, in words for whoever asked for it. */
export const reviewRefusals: Readonly<Record<string, string>> = {
  'not-allowed': 'Only compliance officers review access.',
  'code-too-old': 'Your one-time code is more than five minutes old. Enter a new one.',
  'open-already': 'A review of these roles is open already. Finish that one first.',
  'not-possible': 'Choose which roles to review, and 7 to 60 days.',
  'no-such-item': 'This account is not in the review.',
  'no-such-review': 'There is no such review.',
  'same-person': 'This is your own account. Somebody else answers for it.',
  'answered-already': 'Somebody answered for this account already.',
  closed: 'This review is closed.',
  'role-missing': 'Choose another role than the present one.',
  'note-missing': 'Say why, in 10 to 1,000 characters.',
  'last-of-role':
    'Nobody else who can sign in has this role. Give it to somebody else first, then answer again.',
  'signed-already': 'This review is signed already.',
  unanswered: 'Some accounts are not answered yet.',
}

/** @returns the refusal in a sentence */
export const reviewRefusal = (reason: string): string =>
  reviewRefusals[reason] ?? 'Your session has ended. Sign in again, then repeat this.'
