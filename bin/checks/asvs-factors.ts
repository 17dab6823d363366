import { requirement as r, type Requirement } from './asvs-requirement.ts'

const signIn = 'lib/auth/sign-in.db.test.ts'
const codes = 'lib/auth/recovery-codes.test.ts'
const totp = 'lib/auth/totp.test.ts'
const passkeys = 'lib/auth/passkey/passkey.db.test.ts'
const standards = 'lib/auth/standards.db.test.ts'
const factors = 'lib/auth/factors.db.test.ts'
const desk = 'lib/records/portal-access/portal-access.db.test.ts'
const recovery = 'lib/accounts/recovery/recovery.db.test.ts'
const signOn = 'lib/auth/single-sign-on/single-sign-on.db.test.ts'
const forged = 'lib/auth/single-sign-on/forged-tokens.db.test.ts'

/** V6.4 to V6.8: how factors come and go, codes, keys, and a provider that signs in for us. */
export const factorLifecycle: readonly Requirement[] = [
  r('6.4.1', 1, 'Codes that we hand out are random, run out soon, work once, and never stay a password', {
    shownBy: [[signIn, 'works once, in any spelling'], [signIn, 'is worth nothing after a week'], [desk, 'dies after 14 days'], [desk, 'works once when it is used twice']],
  }),
  r('6.4.2', 1, 'There are no hints and no secret questions', {
    shownBy: [[standards, 'no hint, no secret question and no telephone number']],
    note: 'The birth date that a patient types with an activation code is no proof by itself: the code is, which was handed out in person.',
  }),
  r('6.4.3', 2, 'A forgotten password is replaced safely, and never around the second factor', { shownBy: [[recovery, 'takes the letter and the second factor, ends every session'], [recovery, 'a link has five tries, beside each other as well'], [recovery, 'only the newest link works, for thirty minutes']] }),
  r('6.4.4', 2, 'Who lost a factor proves who they are as at the beginning', { shownBy: [[desk, 'the same desk, after everything was lost'], [desk, 'without documents that prove anything']] }),
  r('6.4.5', 3, 'Who has a factor that runs out is told in time', { notApplicable: 'no factor runs out: apps, passkeys, passwords and recovery codes are good until their owner replaces them.' }),
  r('6.4.6', 3, 'Administrators can have a password replaced and never know it', { shownBy: [[recovery, 'is set up anew by two administrators, of whom neither has the whole code']] }),
  r('6.5.1', 2, 'Recovery codes and one-time codes work once', {
    shownBy: [[signIn, 'works once, and an older one does not work after it'], [signIn, 'sent twice at once is accepted exactly once'], [signIn, 'gives recovery codes of which each opens one session']],
  }),
  r('6.5.2', 2, 'Short codes are stored under a slow, salted hash', {
    shownBy: [[codes, 'a code is stored as a slow salted hash'], [desk, 'lies in no table, and neither does the birth date']],
    note: 'Invitations and activation codes have 125 bits, links in letters 256: long enough for a fast hash.',
  }),
  r('6.5.3', 2, 'Codes and seeds come from a generator that nobody can predict', { shownBy: [[codes, 'ten codes of 50 bits each'], [totp, 'the secret has 160 bits, is new each time']] }),
  r('6.5.4', 2, 'Codes have 20 bits or more', { shownBy: [[codes, 'ten codes of 50 bits each']] }),
  r('6.5.5', 2, 'Codes have a life: one-time codes 30 seconds', {
    open: 'a one-time code counts for its own 30 seconds and for the step before and after it, because telephones and clocks differ (RFC 6238 §5.2 and §6 allow it); it works once, and none that is older than the last one used. Why not less: docs/decisions/0027-take-one-time-codes-of-three-steps.md. Links in letters are for recovery, not for signing in, and live 30 minutes.',
    shownBy: [[signIn, 'works once, and an older one does not work after it']],
  }),
  r('6.5.6', 3, 'Every factor can be taken out of use', { shownBy: [[factors, 'the codes of the old one stop working at once'], [factors, 'the name of a passkey goes with it'], [passkeys, 'one that was removed']] }),
  r('6.5.7', 3, 'A fingerprint or a face never counts alone', { notApplicable: 'Vigil takes no biometrics. A device may ask for them to unlock the key that it holds; the key is then the factor that counts.' }),
  r('6.5.8', 3, 'One-time codes are checked by a clock that the client cannot set', { shownBy: [[standards, 'one-time codes are checked by the database’s clock']] }),
  r('6.6.1', 2, 'No codes by telephone or SMS without something stronger beside them', { shownBy: [[standards, 'no hint, no secret question and no telephone number']] }),
  r('6.6.2', 2, 'A code sent on another way belongs to the request that it was sent for', { notApplicable: 'nothing that is sent on another way signs anybody in; what a link in a letter is good for stands at 6.4.3.' }),
  r('6.6.3', 2, 'Guessing a code sent on another way is braked', { notApplicable: 'nothing that is sent on another way signs anybody in; links in letters have 256 bits.' }),
  r('6.6.4', 3, 'Nobody is worn down by requests on their telephone', { notApplicable: 'there are no push notifications.' }),
  r('6.7.1', 3, 'What signatures are checked with cannot be altered', { shownBy: [[passkeys, 'the tables are closed to every login']] }),
  r('6.7.2', 3, 'A challenge has 64 bits or more and is never used twice', { shownBy: [[passkeys, 'says whose it is, once for each challenge'], [passkeys, 'the same answer twice at the same moment']] }),
  r('6.8.1', 2, 'Nobody is taken for somebody else of another provider', { shownBy: [[signOn, 'by the subject and not by the address from then on'], [forged, 'opens nothing']] }),
  r('6.8.2', 2, 'What a provider says counts with a valid signature only', { shownBy: [[forged, 'opens nothing'], [forged, 'ends nothing, and is written down']] }),
  r('6.8.3', 2, 'A SAML assertion works once', { notApplicable: 'there is no SAML; providers speak OpenID Connect.' }),
  r('6.8.4', 2, 'How strongly the provider signed somebody in is read from what it says; silence counts as weak', {
    shownBy: [[signOn, 'asks for our own second factor where the hospital asked for one'], [signOn, 'who signed in at the hospital a while ago has no fresh second factor here']],
    writtenIn: ['docs/single-sign-on.md#what-happens-at-a-sign-in'],
  }),
] // prettier-ignore
