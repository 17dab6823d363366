import 'server-only'

import { clinic } from '#lib/clinic.ts'
import { env } from '#lib/env.ts'
import { paths } from '#lib/paths.ts'

/** What a letter's words may use: times, and how a browser names itself. Nothing of a record, no name, no address. */
export type LetterFacts = {
  /** works here: is helped by an administrator, not by the clinic's desk */
  isStaff: boolean
  /** such as `March 8, 2026, 8:30 a.m. CST` */
  at: string
  /** browser and network of the sign-in that the letter tells of */
  browser: string | null
  place: string | null
}

type Words = {
  subject: string
  /** what happened, a paragraph each */
  says: (facts: LetterFacts) => string[]
  /** what its link is for; null: it has none */
  link: 'not-me' | 'recovery' | 'new-address' | null
}

const help = ({ isStaff }: LetterFacts): string =>
  isStaff
    ? 'Ask an administrator of the clinic in person.'
    : `Call us at ${clinic.phone} (${clinic.phoneHours}).`

/** A change of how somebody signs in. */
const change = (subject: string, what: string): Words => ({
  subject,
  says: ({ at }) => [`${what} (${at}).`],
  link: 'not-me',
})

/**
 * The kinds of letters. SQL functions queue them by name; whoever adds a kind adds its line here. The rule: whoever reads a
 * letter over somebody's shoulder learns that they have a sign-in with us, and nothing else.
 */
const kinds: Readonly<Record<string, Words>> = {
  'new-browser': {
    subject: 'A new sign-in to your account',
    says: ({ at, browser, place }) => [
      'Somebody signed in to your account with a browser that we had not seen before.',
      [`When: ${at}`, `Browser: ${browser ?? 'not known'}`, `From: ${place ?? 'not known'}`].join('\n'),
    ],
    link: 'not-me',
  },
  'second-step-failed': {
    subject: 'Somebody entered your password, but not the second step',
    says: ({ at }) => [
      `Several times somebody entered the right password for your account and then failed the second step (last: ${at}). Nobody got in.`,
      'If it was not you, your password may be known to somebody else. Change it when you sign in next.',
    ],
    link: 'not-me',
  },
  'passkey-added': change('A passkey was added', 'A passkey was added to your account'),
  'passkey-removed': change('A passkey was removed', 'A passkey was removed from your account'),
  'totp-added': change('An authenticator app was added', 'An authenticator app was set up for your account'),
  'totp-replaced': change('Your authenticator app was replaced', 'The authenticator app of your account was replaced by another'), // prettier-ignore
  'totp-removed': change('Your authenticator app was removed', 'The authenticator app was removed from your account'), // prettier-ignore
  'recovery-codes-replaced': change('You have new recovery codes', 'New recovery codes were made for your account, and the old ones stopped working'), // prettier-ignore
  'password-changed': change('Your password was changed', 'The password of your account was changed'),
  'provider-linked': change('Another way to sign in was added', 'Your account can be opened through your organization’s sign-in now'), // prettier-ignore
  'address-asked': {
    subject: 'Somebody wants to change the email address of your account',
    says: ({ at }) => [
      `Somebody who is signed in as you asked us to use another email address for your account (${at}). It changes when a link is opened that we sent to the new address.`,
    ],
    link: 'not-me',
  },
  'address-changed': {
    subject: 'The email address of your account was changed',
    says: ({ at }) => [
      `Your account has another email address now (${at}). We write to you at the old one this last time.`,
    ],
    link: 'not-me',
  },
  'confirm-address': {
    subject: 'Confirm your new email address',
    says: () => [
      'You asked us to use this email address from now on. To confirm that it is yours, open this link within 24 hours:',
    ],
    link: 'new-address',
  },
  'recovery-link': {
    subject: 'Choose a new password',
    says: () => [
      'You asked for a new password. Open this link within 30 minutes. You need your second step as well: your authenticator app, a passkey or a recovery code.',
    ],
    link: 'recovery',
  },
  'recovery-staff': {
    subject: 'How to get a new password',
    says: () => [
      'You asked for a new password. For people who work here, two administrators set up the sign-in anew: please ask them in person.',
      'If you did not ask, there is nothing to do. Nothing was changed.',
    ],
    link: null,
  },
  'recovery-locked': {
    subject: 'Your account is locked',
    says: (facts) => [
      'You asked for a new password. Your account is locked, because somebody told us that what happened in it was not you. It is opened again when we have made sure who you are.',
      help(facts),
    ],
    link: null,
  },
  'recovery-paused': {
    subject: 'No link for a new password today',
    says: (facts) => [
      'You asked for a new password. With our last links the second step was wrong many times, so we send no more of them for a day.',
      help(facts),
    ],
    link: null,
  },
  'sign-in-locked': {
    subject: 'Many wrong passwords or codes for your account',
    says: (facts) => [
      `Somebody has tried many wrong passwords or codes for your account (last: ${facts.at}). Nobody got in, and browsers that you have not used before are kept waiting.`,
      `You can still sign in with a browser that you have used before, or with a passkey. You can also choose a new password. ${help(facts)}`,
    ],
    link: null,
  },
  invited: {
    subject: `Your login at ${clinic.name}`,
    says: () => [
      `An administrator of ${clinic.name} has made a login for you. They give you a code in person or on the telephone: we never send it by e-mail.`,
      `With the code you set up your login here: ${new URL(paths.acceptInvite, env.url).href}`,
    ],
    link: null,
  },
  'activation-issued': {
    subject: 'A new code for your account was handed out',
    says: ({ at }) => [
      `At the clinic a new code for your account was handed out to somebody who showed who they are (${at}). Nothing has changed yet.`,
    ],
    link: 'not-me',
  },
  'activation-used': {
    subject: 'Your sign-in was set up anew',
    says: ({ at }) => [
      `Your sign-in was set up anew with a code from the clinic (${at}). The password and the second step from before do not work any more, and everything that was open has ended.`,
    ],
    link: 'not-me',
  },
  'account-locked': {
    subject: 'Your account is locked',
    says: (facts) => [
      `Your account is locked since ${facts.at}, and everything that was open in it has ended. You asked for this from one of our emails.`,
      `To get back in, we have to make sure who you are. ${help(facts)} You will set up a new password and a new second step.`,
    ],
    link: null,
  },
  'sign-in-anew-asked': {
    subject: 'Your sign-in is to be set up anew',
    says: ({ at }) => [
      `An administrator asked for your sign-in to be set up anew (${at}). A second administrator has to agree. Until then everything stays as it is.`,
    ],
    link: 'not-me',
  },
  'sign-in-anew': {
    subject: 'Your sign-in is set up anew',
    says: ({ at }) => [
      `Two administrators agreed to set up your sign-in anew (${at}). Your old password and second step do not work any more. Each of the two gives you one half of a code: you need both.`,
    ],
    link: 'not-me',
  },
}

const other: Words = {
  subject: 'Something about your sign-in was changed',
  says: ({ at }) => [`Something about how you sign in was changed (${at}).`],
  link: 'not-me',
}

const linkIntroduction = (isStaff: boolean): string =>
  [
    'Was this you? Then there is nothing to do.',
    'Was it not you? Open this link within 7 days and press the button there. It ends everything that is open in your account and locks it. To get back in,',
    isStaff ? 'two administrators set up your sign-in anew:' : 'you show us at the clinic who you are:',
  ].join(' ')

/** Whether a letter of this kind has a link. */
export const hasLink = (kind: string): boolean => (kinds[kind] ?? other).link !== null

/**
 * A letter's subject and text, plain and without any mark-up.
 * @param link address of its one-time link, for the kinds that have one
 */
export function letterWords(
  kind: string,
  facts: LetterFacts,
  link: string | null,
): { subject: string; text: string } {
  const words = kinds[kind] ?? other
  const paragraphs = [
    'Hello,',
    ...words.says(facts),
    ...(words.link === 'not-me' ? [linkIntroduction(facts.isStaff)] : []),
    ...(link === null ? [] : [link]),
    ...(words.link === 'recovery' ? ['If you did not ask, there is nothing to do: your password stays as it is.'] : []), // prettier-ignore
    ...(words.link === 'new-address'
      ? ['If you do not know what this is about, throw this email away.']
      : []),
    `${clinic.name}\n${clinic.phone}, ${clinic.phoneHours}`,
    'We never ask for your password or for a code. Nobody reads answers to this address.',
  ]
  return { subject: `${clinic.name}: ${words.subject}`, text: `${paragraphs.join('\n\n')}\n` }
}
