import { requirement as r, type Requirement } from './asvs-requirement.ts'

const rules = 'lib/auth/password-rules.test.ts'
const password = 'lib/auth/password.test.ts'
const signIn = 'lib/auth/sign-in.db.test.ts'
const standards = 'lib/auth/standards.db.test.ts'
const guessing = 'lib/auth/guessing.db.test.ts'
const factors = 'lib/auth/factors.db.test.ts'
const changes = 'app/sign-out/sign-in-and-out.db.test.ts'
const letters = 'lib/accounts/mail/mail.db.test.ts'
const passkeys = 'lib/auth/passkey/passkey.db.test.ts'
const steps = 'e2e/steps.e2e.ts'
const attempts = 'e2e/ways-in.e2e.ts'
const recovery = 'lib/accounts/recovery/recovery.db.test.ts'

/** V6.1 to V6.3: what is written down, passwords, and what holds for every way in. */
export const authentication: readonly Requirement[] = [
  r('6.1.1', 1, 'It is written down how guessing and stuffing are braked, and how nobody is shut out on purpose', { writtenIn: ['docs/sign-in-limits.md#passwords-one-time-codes-recovery-codes', 'docs/sign-in-limits.md#other-doors', 'docs/sign-in-limits.md#what-remains'] }),
  r('6.1.2', 2, 'The words of this clinic that no password may be made of are written down', {
    writtenIn: ['docs/passwords.md#what-is-refused'],
    shownBy: [[rules, 'docs/passwords.md names every word']],
  }),
  r('6.1.3', 2, 'Every way in is written down, with its checks and its strength', {
    writtenIn: ['docs/ways-in.md#signing-in', 'docs/ways-in.md#what-is-checked-on-every-way'],
    shownBy: [['lib/auth/ways-in.test.ts', 'every method by which the database opens a session']],
  }),
  r('6.2.1', 1, 'A password has eight characters or more, better fifteen', { shownBy: [[rules, 'twelve code points are enough']] }),
  r('6.2.2', 1, 'People can change their password', { shownBy: [[changes, 'a new password ends the other sessions and takes the place']] }),
  r('6.2.3', 1, 'A change asks for the present password and the new one', { shownBy: [[changes, 'and the present password']] }),
  r('6.2.4', 1, 'A new password is none of the 3000 most common that our rules would let through', { shownBy: [[rules, 'the block list holds more than 40,000']] }),
  r('6.2.5', 1, 'Any characters make a password; none are asked for', { shownBy: [[rules, 'what a password manager makes is accepted'], [rules, 'however many bytes they take']] }),
  r('6.2.6', 1, 'Fields hide a password, and may show it when asked', { shownBy: [[steps, 'the password is hidden, shown when asked']] }),
  r('6.2.7', 1, 'Pasting and password managers work', { shownBy: [[steps, 'may be pasted']] }),
  r('6.2.8', 1, 'A password is checked as it was typed: not cut, not changed', {
    shownBy: [[password, 'nothing is cut off']],
    note: 'Unicode is normalised first, as SP 800-63B-4 §3.1.1.2 asks, so that two keyboards give one password.',
  }),
  r('6.2.9', 2, 'Passwords of 64 characters are taken', { shownBy: [[rules, '128 are allowed, 129 are refused']] }),
  r('6.2.10', 2, 'A password is good until its owner changes it; nothing makes it run out', { shownBy: [[standards, 'a password runs out by nothing but its owner’s will']] }),
  r('6.2.11', 2, 'The clinic’s own words are refused in new passwords', { shownBy: [[rules, 'common passwords'], [rules, 'a password made of its owner’s address or name']] }),
  r('6.2.12', 2, 'A new password is checked against passwords that were stolen elsewhere', { shownBy: [[rules, 'the block list holds more than 40,000']] }),
  r('6.3.1', 1, 'Guessing and stuffing are braked as the pages say', { shownBy: [[signIn, 'the brake'], [guessing, 'attack 61'], [guessing, 'attack 62'], [guessing, 'attack 64']] }),
  r('6.3.2', 1, 'There are no accounts that come with the product', { shownBy: [[standards, 'nobody comes with the product']] }),
  r('6.3.3', 2, 'Nobody gets in with one factor; at level 3 one that cannot be phished', {
    shownBy: [[signIn, 'leads to the second factor and never to a session'], [factors, 'a password alone leads to setting one up'], [factors, 'a role that signs in by passkeys alone']],
    note: 'Level 3 for the roles that an administrator sets to “passkey only”; the others may use an authenticator app.',
  }),
  r('6.3.4', 2, 'There is no way in that is not written down, and all are equally strong', {
    shownBy: [['lib/auth/ways-in.test.ts', 'every method by which the database opens a session'], [attempts, 'attack 71'], [attempts, 'attack 73']],
  }),
  r('6.3.5', 3, 'People hear of suspicious attempts on their account', {
    shownBy: [[letters, 'with a browser that was never seen is told of'], [letters, 'whose second step fails three times is told of'], [guessing, 'tell the owner once']],
  }),
  r('6.3.6', 3, 'E-mail is not a factor, neither first nor second', { shownBy: [[recovery, 'takes the letter and the second factor, ends every session, touches no factor, and signs nobody in']], writtenIn: ['docs/ways-in.md#beginning-and-getting-back-in'] }),
  r('6.3.7', 3, 'People hear of every change of how they sign in', { shownBy: [[passkeys, 'keeps the name sealed, tells the owner'], [recovery, 'the old one is told twice, and its link locks'], [letters, '“this wasn’t me”']] }),
  r('6.3.8', 3, 'Words, status and time of an answer do not tell whether somebody has an account', {
    shownBy: [[signIn, 'wrong, unknown address and closed account give one answer'], ['lib/auth/passkey/decoy-key.test.ts', 'a signature is really checked against the decoy, and is none of its'], [password, 'without an account the same work is done'], [guessing, 'attack 63'], [attempts, 'attack 63'], [recovery, 'asking writes the same rows for everybody']],
  }),
] // prettier-ignore
