import 'server-only'

import { paths } from '#lib/paths.ts'

type Words = {
  /** What happened and what to do, without a word about a patient. */
  title: string
  /** Where to go on, from the notice's opaque reference; null where there is nothing to open. */
  href: ((reference: string) => string) | null
}

/**
 * The kinds of notices. SQL functions write them with `app.notify` and `app.notify_role`; whoever adds a kind adds its line here.
 * A kind that is not here is shown by `otherWords`.
 */
const words: Readonly<Record<string, Words>> = {
  'passkey-added': {
    title: 'A passkey was added to your account. If that was not you, remove it and call us',
    href: () => paths.security,
  },
  'passkey-removed': {
    title: 'A passkey was removed from your account. If that was not you, call us',
    href: () => paths.security,
  },
  'provider-linked': {
    title: 'Your account was tied to your organization’s sign-in. If that was not you, call us',
    href: () => paths.security,
  },
  'account-locked': {
    title:
      'Somebody locked their account: what happened in it was not them. Find out who was, then set up their sign-in anew',
    href: paths.adminPerson,
  },
  'staff-recovery-asked': {
    title: 'A colleague needs a new sign-in: a second administrator has to agree',
    href: () => paths.adminRecoveries,
  },
  'staff-recovered-by-operator': {
    title: 'The operator on the server set up a colleague’s sign-in anew',
    href: paths.adminPerson,
  },
  'privileged-role': {
    title:
      'A colleague can sign in as administrator or compliance officer now. If nobody told you of it, ask who did this',
    href: paths.adminPerson,
  },
  'privileged-role-given': {
    title:
      'Somebody can sign in as administrator or compliance officer now. If nobody told you of it, ask an administrator',
    href: paths.compliancePerson,
  },
  'email-changed': {
    title: 'The email address of your account was changed. If that was not you, call us',
    href: () => paths.security,
  },
  'patient-account-locked': {
    title:
      'A patient locked their account: what happened in it was not them. The front desk helps them when they call',
    href: null,
  },
  'totp-added': {
    title: 'An authenticator app was set up for your account. If that was not you, remove it and call us',
    href: () => paths.security,
  },
  'totp-replaced': {
    title: 'Another authenticator app was set up for your account. If that was not you, call us',
    href: () => paths.security,
  },
  'totp-removed': {
    title: 'The authenticator app was removed from your account. If that was not you, call us',
    href: () => paths.security,
  },
  'recovery-codes-replaced': {
    title: 'New recovery codes were made for your account. If that was not you, call us',
    href: () => paths.security,
  },
  'password-changed': {
    title: 'Your password was changed. If that was not you, call us',
    href: () => paths.security,
  },
  'login-handed-out-again': {
    title:
      'The desk handed out a new code for a patient’s login that was in use. Search the trail for “Handing out a login” to see who did, and for whom',
    href: () => paths.complianceSearch,
  },
  'activation-issued': {
    title: 'The clinic handed out a code that sets up your sign-in anew. If that was not for you, call us',
    href: () => paths.security,
  },
  'concern-reported': {
    title: 'A patient reported an access',
    href: () => paths.complianceConcerns,
  },
  'concern-due': { title: 'A concern is due within a week', href: () => paths.complianceConcerns },
  'concern-overdue': { title: 'A concern is overdue', href: () => paths.complianceConcerns },
  'concern-answered': { title: 'What you reported was answered', href: () => paths.reports },
  'accounting-requested': {
    title: 'A patient asked for an accounting of disclosures',
    href: () => paths.complianceDisclosures,
  },
  'accounting-due': {
    title: 'An accounting of disclosures is due within a week',
    href: () => paths.complianceDisclosures,
  },
  'accounting-overdue': {
    title: 'An accounting of disclosures is overdue',
    href: () => paths.complianceDisclosures,
  },
  'accounting-provided': { title: 'Your list of disclosures is ready', href: () => paths.disclosures },
  'accounting-extended': {
    title: 'Your list of disclosures takes longer',
    href: () => paths.disclosures,
  },
  'record-opened-in-emergency': {
    title: 'Your record was opened in an emergency by somebody outside your care team',
    href: () => paths.whoLooked,
  },
  'access-review-due': {
    title: 'An access review has accounts that nobody answered for yet',
    href: (reference) => paths.complianceReview(reference),
  },
  'access-review-closed': {
    title: 'An access review is past its deadline and waits for a signature',
    href: (reference) => paths.complianceReview(reference),
  },
  'break-glass-opened': {
    title: 'A record was opened in an emergency: review it within one business day',
    href: paths.complianceLease,
  },
  'break-glass-in-your-care': {
    title: 'Somebody outside the team opened the record of a patient in your care, in an emergency',
    href: null,
  },
  'break-glass-revoked': {
    title: 'Compliance stopped your emergency access',
    href: paths.careEmergencyAccess,
  },
  'break-glass-question': {
    title: 'Compliance asks about your emergency access',
    href: paths.careEmergencyAccess,
  },
  'break-glass-answered': {
    title: 'Your question about an emergency access was answered',
    href: paths.complianceLease,
  },
  'break-glass-second-signature': {
    title: 'An emergency access was found not justified: a second signature is needed',
    href: paths.complianceLease,
  },
  'break-glass-overdue': {
    title: 'The review of an emergency access is late',
    href: paths.complianceLease,
  },
  'break-glass-escalated': {
    title: 'Compliance has not reviewed an emergency access for more than 72 hours',
    href: null,
  },
  'incident-opened': { title: 'An incident was opened: assess it', href: paths.complianceIncident },
  'notes-opened-in-emergency': {
    title: 'Confidential notes of yours were opened in an emergency',
    href: () => paths.whoLooked,
  },
  'trail-changed': {
    title: 'A check found that the audit trail is not what was sealed',
    href: () => paths.complianceIntegrity,
  },
  'other-history': {
    title: 'A witness holds another history of the audit trail than the database',
    href: () => paths.complianceIntegrity,
  },
  'watch-case': {
    title: 'An access looks odd, and waits for somebody to look at it',
    href: (reference) => paths.complianceCase(reference),
  },
  'export-waiting': {
    title: 'A large export of the trail waits for a second person to agree',
    href: () => paths.complianceExports,
  },
  'export-ready': {
    title: 'Your export of the trail is ready, for ten minutes',
    href: () => paths.complianceExports,
  },
}

const otherWords: Words = { title: 'Something was done that concerns you', href: null }

/** The words of a notice, and where it leads. */
export function noticeWords(kind: string, reference: string): { title: string; href: string | null } {
  const { title, href } = words[kind] ?? otherWords
  return { title, href: href?.(reference) ?? null }
}
