import 'server-only'

/**
 * Every kind of row in audit.security_event_log. The rows are written by SQL functions, in the same statement as what
 * they report; this list names them for everything that reads them, and docs/audit-events.md explains them to people.
 * A test holds the list against the migrations and against the document.
 */
export const securityEvents = [
  // ── Signing in ──
  /** a password, one-time code or recovery code was wrong; detail says which step */
  'SIGN_IN_FAILED',
  /** an attempt came while account or address had to wait; nothing was checked */
  'SIGN_IN_THROTTLED',
  /** the second factor was right and a session began; detail says by which method */
  'SESSION_OPENED',
  /** an authenticator app was set up, together with the first recovery codes */
  'SECOND_FACTOR_ENROLLED',
  /** a recovery code took the place of a one-time code; detail says how many are left */
  'RECOVERY_CODE_USED',

  // ── During a session ──
  /** a fresh one-time code inside an open session (step-up), needed before security settings change */
  'SESSION_RAISED',
  /** ten new recovery codes; the old ones stopped working */
  'RECOVERY_CODES_REPLACED',
  /** a person set a new password; their other sessions ended */
  'PASSWORD_CHANGED',
  /** a session ended by itself or by its owner; the reason is sign-out, idle or expired */
  'SESSION_ENDED',
  /** a session was ended from another one: by its owner, or by an admin */
  'SESSION_REVOKED',
  /** somebody asked for a page of another role's area and was refused */
  'AREA_REFUSED',

  // ── Accounts ──
  /** an account was made by an import or for the demo */
  'ACCOUNT_CREATED',
  /** somebody was invited, or invited again */
  'ACCOUNT_INVITED',
  /** an invited person set a password */
  'INVITATION_ACCEPTED',
  /** a member of staff was given another role; their sessions ended */
  'ROLE_CHANGED',
  /** an account was closed; its sessions ended */
  'ACCOUNT_DEACTIVATED',
  /** a closed account was opened again */
  'ACCOUNT_REACTIVATED',
  /** somebody shut out by failed sign-ins may try again; detail says after how many */
  'ACCOUNT_UNLOCKED',

  // ── The door ──
  /** an admission was refused before any patient was named: no session, no such rule */
  'ADMISSION_REFUSED',
  /** a patient search found nobody */
  'PATIENT_SEARCH_NO_MATCH',
  /** a patient search found more people than may be listed */
  'PATIENT_SEARCH_TOO_MANY',
  /** a stored value did not open: damaged, moved to another row, or without its key */
  'DECRYPTION_FAILED',

  // ── Readers of the trail ──
  /** the audit trail was searched; detail holds the criteria as opaque references */
  'AUDIT_SEARCH',
  /** one entry of the trail was opened */
  'AUDIT_EVENT_OPENED',

  // ── The seal ──
  /** the whole trail was held against its seal; detail says how far, and how many findings */
  'AUDIT_VERIFIED',
  /** proofs of single entries were made, to be handed out */
  'AUDIT_PROOF_MADE',
  /** an operator stated that the database was restored from a backup, and why; a new tree began */
  'AUDIT_RESTORE_ACKNOWLEDGED',

  // ── Operation ──
  /** a job began its work under a session that only the worker's login can use */
  'SERVICE_SESSION_OPENED',
  /** the table of who may do what changed with a migration; detail holds a digest of it */
  'POLICY_LOADED',
] as const
