/**
 * Every address of the product. Pages, actions, redirects and tests build links here and nowhere else, so that a moved page is one edit
 * and an address can never carry a name, a number or a search word: only opaque ids go in (ASVS 5.0 14.2.1).
 */
export const paths = {
  /** On to where the person's role begins, or to the sign-in. */
  start: '/',
  signIn: '/sign-in',
  /** POST only: on to the identity provider of staff. */
  signInWithProvider: '/sign-in/provider',
  secondFactor: '/second-factor',
  enrol: '/enrol',
  enrolPasskey: '/enrol/passkey',
  enrolApp: '/enrol/app',
  recover: '/recover',
  recoveryCodes: '/recovery-codes',
  recoveryCodesFile: '/recovery-codes/file',
  acceptInvite: '/accept-invite',
  forgotPassword: '/forgot-password',
  /** The pages that the links of letters lead to. */
  notMe: '/not-me',
  resetPassword: '/reset-password',
  confirmAddress: '/confirm-address',
  /** A link of a letter: takes its token into a sealed cookie and leads on, so that no page has it in its address. */
  mailLink: (purpose: string, token: string) => `/mail-link/${segment(purpose)}/${segment(token)}`,
  /** Where a patient begins, with a code from the clinic. */
  activate: '/activate',
  activatePassword: '/activate/password',
  /** POST only. */
  signOut: '/sign-out',
  signedOut: '/signed-out',
  /** POST only: locks the session of a shared workstation. */
  lock: '/lock',
  locked: '/locked',
  /** Clears what is left of a session that is over, and leads on. */
  sessionOver: '/session-over',

  /** For everybody, signed in or not: how evidence is checked. */
  verifier: '/verifier',
  verifierFile: '/verifier/verify.mjs',
  verifierKey: '/verifier/verifier-key.txt',

  home: '/home',
  /** For somebody who acts for several people: whose record to show. */
  chooseRecord: '/choose-record',
  results: '/results',
  result: (resultId: string) => `/results/${segment(resultId)}`,
  summary: '/summary',
  notes: '/notes',
  note: (noteId: string) => `/notes/${segment(noteId)}`,
  whoLooked: '/who-looked',
  /** The list as a file: `format` is pdf or csv. */
  whoLookedFile: '/who-looked/file',
  /** One entry of the list, with its proof. */
  access: (logId: string) => `/who-looked/${segment(logId)}`,
  accessProof: (logId: string) => `/who-looked/${segment(logId)}/proof`,
  accessReport: (logId: string) => `/who-looked/${segment(logId)}/report`,
  /** What was reported, and the answers. */
  reports: '/reports',
  disclosures: '/disclosures',
  accountingLetter: (requestId: string) => `/disclosures/${segment(requestId)}/letter`,
  security: '/security',
  securityEmail: '/security/email',
  securityApp: '/security/authenticator-app',
  notices: '/notices',
  /** Where whoever opens a destroyed record by a kept address is told so. */
  recordDestroyed: (patientId: string) => `/record-destroyed/${segment(patientId)}`,

  care: '/care',
  careSearch: '/care/search',
  careRegister: '/care/register',
  /** Opening the record of somebody whom one does not care for. */
  careEmergency: '/care/emergency',
  careEmergencyAccess: (leaseId: string) => `/care/emergency/${segment(leaseId)}`,
  chart: (patientId: string) => `/care/patients/${segment(patientId)}`,
  chartResults: (patientId: string) => `/care/patients/${segment(patientId)}/results`,
  chartResult: (patientId: string, resultId: string) =>
    `/care/patients/${segment(patientId)}/results/${segment(resultId)}`,
  chartVitals: (patientId: string) => `/care/patients/${segment(patientId)}/vitals`,
  chartNotes: (patientId: string) => `/care/patients/${segment(patientId)}/notes`,
  chartNewNote: (patientId: string) => `/care/patients/${segment(patientId)}/notes/new`,
  /** POST only: keeps what is being written. */
  chartNoteDraft: (patientId: string) => `/care/patients/${segment(patientId)}/notes/draft`,
  chartNote: (patientId: string, noteId: string) =>
    `/care/patients/${segment(patientId)}/notes/${segment(noteId)}`,
  chartConfidentialNotes: (patientId: string) => `/care/patients/${segment(patientId)}/notes/emergency`,
  chartTeam: (patientId: string) => `/care/patients/${segment(patientId)}/team`,
  /** The patient's own login: whether there is one, and handing it out. */
  chartPortal: (patientId: string) => `/care/patients/${segment(patientId)}/portal`,
  /** POST only: the letter with the code. */
  chartPortalLetter: (patientId: string) => `/care/patients/${segment(patientId)}/portal/letter`,

  billing: '/billing',
  billingAccount: (patientId: string) => `/billing/accounts/${segment(patientId)}`,

  admin: '/admin',
  adminPerson: (accountId: string) => `/admin/people/${segment(accountId)}`,
  adminSessions: '/admin/sessions',
  /** What each role may do, made from the rules. */
  adminRoles: '/admin/roles',
  adminKeys: '/admin/keys',
  adminSettings: '/admin/settings',
  adminSingleSignOn: '/admin/single-sign-on',
  /** Failed sign-ins, where from, and whose account is held up. */
  adminSignIns: '/admin/security',
  /** Colleagues whose sign-in is to be set up anew. */
  adminRecoveries: '/admin/recoveries',

  compliance: '/compliance',
  complianceBreakGlass: '/compliance/break-glass',
  complianceLease: (leaseId: string) => `/compliance/break-glass/${segment(leaseId)}`,
  complianceIncidents: '/compliance/incidents',
  complianceIncident: (incidentId: string) => `/compliance/incidents/${segment(incidentId)}`,
  complianceSearch: '/compliance/search',
  complianceReviews: '/compliance/access-reviews',
  complianceReview: (reviewId: string) => `/compliance/access-reviews/${segment(reviewId)}`,
  complianceIntegrity: '/compliance/integrity',
  complianceExports: '/compliance/exports',
  /** POST only: hands out the file. */
  complianceExportFile: (exportId: string) => `/compliance/exports/${segment(exportId)}/file`,
  complianceCases: '/compliance/cases',
  complianceCase: (caseId: string) => `/compliance/cases/${segment(caseId)}`,
  complianceWatchedRecords: '/compliance/cases/records',
  complianceConcerns: '/compliance/concerns',
  complianceConcern: (patientId: string, concernId: string) =>
    `/compliance/concerns/${segment(patientId)}/${segment(concernId)}`,
  complianceDisclosures: '/compliance/disclosures',
  complianceLedger: (patientId: string) => `/compliance/disclosures/${segment(patientId)}`,
  complianceDisclosure: (patientId: string, disclosureId: string) =>
    `/compliance/disclosures/${segment(patientId)}/${segment(disclosureId)}`,
  /** POST only. */
  complianceLetter: (patientId: string) => `/compliance/disclosures/${segment(patientId)}/letter`,
  complianceEvent: (logId: string) => `/compliance/events/${segment(logId)}`,
  /** All about the patient of an entry: named by the entry, so that the address says nothing of whose record it is. */
  compliancePatient: (logId: string) => `/compliance/events/${segment(logId)}/patient`,
  compliancePerson: (accountId: string) => `/compliance/people/${segment(accountId)}`,
} as const

/** Where a role starts after signing in (CONTRACT.md). An unknown role starts at the sign-in page. */
export function landingPath(role: string): string {
  if (role === 'patient' || role === 'proxy') return paths.home
  if (role === 'nurse' || role === 'clinician') return paths.care
  if (role === 'billing') return paths.billing
  if (role === 'admin') return paths.admin
  if (role === 'compliance') return paths.compliance
  return paths.signIn
}

/**
 * Adds query parameters to one of the paths: page cursors, sort keys and server-held filter ids, never words a person typed.
 * Empty values are left out, so that the plain page has one address.
 */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  return search.size === 0 ? path : `${path}?${search}`
}

/** An id becomes exactly one path segment; one with a slash or a question mark in it must not reach another page. */
function segment(id: string): string {
  return encodeURIComponent(id)
}
