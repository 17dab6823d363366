import { requirement as r, type Evidence, type Requirement } from './asvs-requirement.ts'

const rules = 'lib/auth/password-rules.test.ts'
const password = 'lib/auth/password.test.ts'
const signIn = 'lib/auth/sign-in.db.test.ts'
const codes = 'lib/auth/recovery-codes.test.ts'
const totp = 'lib/auth/totp.test.ts'
const passkeys = 'lib/auth/passkey/passkey.db.test.ts'
const later = 'no test is named yet'

const brake: Evidence[] = [[signIn, 'the brake']]

/** V6.1 to V6.3: what is written down, passwords, and what holds for every way in. */
export const authentication: readonly Requirement[] = [
  r('6.1.1', 1, 'It is written down how guessing and stuffing are braked, and how nobody is shut out on purpose', { open: later }),
  r('6.1.2', 2, 'The words of this clinic that no password may be made of are written down', { open: later }),
  r('6.1.3', 2, 'Every way in is written down, with its checks and its strength', { open: later }),
  r('6.2.1', 1, 'A password has eight characters or more, better fifteen', { shownBy: [[rules, 'length']] }),
  r('6.2.2', 1, 'People can change their password', { open: later }),
  r('6.2.3', 1, 'A change asks for the present password and the new one', { open: later }),
  r('6.2.4', 1, 'A new password is none of the 3000 most common that our rules would let through', { open: later }),
  r('6.2.5', 1, 'Any characters make a password; none are asked for', { open: later }),
  r('6.2.6', 1, 'Fields hide a password, and may show it when asked', { open: later }),
  r('6.2.7', 1, 'Pasting and password managers work', { open: later }),
  r('6.2.8', 1, 'A password is checked as it was typed: not cut, not changed', {
    shownBy: [[password, 'nothing is cut off']],
    note: 'Unicode is normalised first, as SP 800-63B-4 §3.1.1.2 asks, so that two keyboards give one password.',
  }),
  r('6.2.9', 2, 'Passwords of 64 characters are taken', { shownBy: [[rules, '128 are allowed, 129 are refused']] }),
  r('6.2.10', 2, 'A password is good until its owner changes it; nothing makes it run out', { open: later }),
  r('6.2.11', 2, 'The clinic’s own words are refused in new passwords', { open: later }),
  r('6.2.12', 2, 'A new password is checked against passwords that were stolen elsewhere', { open: later }),
  r('6.3.1', 1, 'Guessing and stuffing are braked as the pages say', { shownBy: brake }),
  r('6.3.2', 1, 'There are no accounts that come with the product', { open: later }),
  r('6.3.3', 2, 'Nobody gets in with one factor; at level 3 one that cannot be phished', {
    shownBy: [[signIn, 'leads to the second factor and never to a session'], [signIn, 'comes before any session']],
  }),
  r('6.3.4', 2, 'There is no way in that is not written down, and all are equally strong', { open: later }),
  r('6.3.5', 3, 'People hear of suspicious attempts on their account', { open: later }),
  r('6.3.6', 3, 'E-mail is not a factor, neither first nor second', { open: later }),
  r('6.3.7', 3, 'People hear of every change of how they sign in', { open: later }),
  r('6.3.8', 3, 'Words, status and time of an answer do not tell whether somebody has an account', {
    shownBy: [[signIn, 'wrong, unknown address and closed account give one answer'], [password, 'without an account the same work is done']],
  }),
] // prettier-ignore

/** V6.4 to V6.8: how factors come and go, codes, keys, and a provider that signs in for us. */
export const factors: readonly Requirement[] = [
  r('6.4.1', 1, 'Codes that we hand out are random, run out soon, work once, and never stay a password', {
    shownBy: [[signIn, 'works once, in any spelling'], [signIn, 'is worth nothing after a week']],
  }),
  r('6.4.2', 1, 'There are no hints and no secret questions', { open: later }),
  r('6.4.3', 2, 'A forgotten password is replaced safely, and never around the second factor', { open: later }),
  r('6.4.4', 2, 'Who lost a factor proves who they are as at the beginning', { open: later }),
  r('6.4.5', 3, 'Who has a factor that runs out is told in time', { notApplicable: 'no factor runs out: apps, passkeys, passwords and recovery codes are good until their owner replaces them.' }),
  r('6.4.6', 3, 'Administrators can have a password replaced and never know it', { open: later }),
  r('6.5.1', 2, 'Recovery codes and one-time codes work once', {
    shownBy: [[signIn, 'works once, and an older one does not work after it'], [signIn, 'sent twice at once is accepted exactly once'], [signIn, 'gives recovery codes of which each opens one session']],
  }),
  r('6.5.2', 2, 'Short codes are stored under a slow, salted hash', { shownBy: [[codes, 'a code is stored as a slow salted hash']] }),
  r('6.5.3', 2, 'Codes and seeds come from a generator that nobody can predict', { shownBy: [[codes, 'ten codes of 50 bits each'], [totp, 'the secret has 160 bits, is new each time']] }),
  r('6.5.4', 2, 'Codes have 20 bits or more', { shownBy: [[codes, 'ten codes of 50 bits each']] }),
  r('6.5.5', 2, 'Codes have a life: one-time codes 30 seconds', { open: later }),
  r('6.5.6', 3, 'Every factor can be taken out of use', { open: later }),
  r('6.5.7', 3, 'A fingerprint or a face never counts alone', { notApplicable: 'Vigil takes no biometrics. A device may ask for them to unlock the key that it holds; the key is then the factor that counts.' }),
  r('6.5.8', 3, 'One-time codes are checked by a clock that the client cannot set', { open: later }),
  r('6.6.1', 2, 'No codes by telephone or SMS without something stronger beside them', { notApplicable: 'there are no codes by telephone or SMS at all.' }),
  r('6.6.2', 2, 'A code sent on another way belongs to the request that it was sent for', { open: later }),
  r('6.6.3', 2, 'Guessing a code sent on another way is braked', { open: later }),
  r('6.6.4', 3, 'Nobody is worn down by requests on their telephone', { notApplicable: 'there are no push notifications.' }),
  r('6.7.1', 3, 'What signatures are checked with cannot be altered', { shownBy: [[passkeys, 'the tables are closed to every login']] }),
  r('6.7.2', 3, 'A challenge has 64 bits or more and is never used twice', { shownBy: [[passkeys, 'says whose it is, once for each challenge'], [passkeys, 'the same answer twice at the same moment']] }),
  r('6.8.1', 2, 'Nobody is taken for somebody else of another provider', { open: later }),
  r('6.8.2', 2, 'What a provider says counts with a valid signature only', { open: later }),
  r('6.8.3', 2, 'A SAML assertion works once', { notApplicable: 'there is no SAML; providers speak OpenID Connect.' }),
  r('6.8.4', 2, 'How strongly the provider signed somebody in is read from what it says; silence counts as weak', { open: later }),
] // prettier-ignore
