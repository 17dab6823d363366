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
  /** ninety wrong passwords or codes in a row: browsers that the account is not known by are shut out; detail says how many */
  'SIGN_IN_LOCKED',
  /** somebody knocked too often at a door that is open to everybody; detail says which, counted by what, and the wait in seconds */
  'DOOR_LIMITED',
  /** the second factor was right and a session began; detail says by which method */
  'SESSION_OPENED',
  /** the first authenticator app or passkey was set up, together with recovery codes; detail says which */
  'SECOND_FACTOR_ENROLLED',
  /** a one-time code or an authenticator app was not taken, because the role signs in by passkeys alone */
  'SECOND_FACTOR_REFUSED',
  /** a recovery code took the place of a one-time code; detail says how many are left */
  'RECOVERY_CODE_USED',

  /** a passkey's answer was not taken: wrong signature, answered before, or a count that did not go on (a copied key) */
  'PASSKEY_REFUSED',

  /** somebody asked for a new password by e-mail; the subject is empty where the address is nobody's */
  'RECOVERY_ASKED',
  /** the second factor was right that a new password needs beside the letter; detail says by which method */
  'RECOVERY_PROVEN',
  /** a new password was set by letter and second factor; every session ended */
  'PASSWORD_RESET',
  /** a session began in a browser that this person was never seen in; the owner is told by e-mail */
  'SIGN_IN_FROM_NEW_BROWSER',
  /** a link of a letter was opened that was used, too old or never made; detail says what it was for */
  'MAIL_LINK_REFUSED',
  // through the identity provider
  /** the identity provider's answer was not taken, or does not open an account here; detail says why */
  'FEDERATED_SIGN_IN_REFUSED',
  /** an account was tied to who somebody is at the identity provider, at their first sign-in through it */
  'FEDERATION_LINKED',
  /** the identity provider said that somebody signed out there; detail says how many sessions ended here */
  'FEDERATED_LOGOUT',
  /** such a message was not believed; detail says why */
  'LOGOUT_TOKEN_REFUSED',

  // ── During a session ──
  /** a person added a passkey to their account */
  'PASSKEY_ADDED',
  /** a person took one of their passkeys out of use, or was refused because it was their last factor */
  'PASSKEY_REMOVED',
  /** a person set up an authenticator app beside their passkeys */
  'TOTP_ADDED',
  /** a person set up another authenticator app; the codes of the last one stopped working */
  'TOTP_REPLACED',
  /** a person took their authenticator app out of use, or was refused because it was their last factor */
  'TOTP_REMOVED',
  /** a fresh second factor inside an open session (step-up); the session's token is exchanged with it */
  'SESSION_RAISED',
  /** something was asked for that wants a fresh second factor, with an older one, and was not done; detail says what */
  'STEP_UP_REFUSED',
  /** ten new recovery codes; the old ones stopped working */
  'RECOVERY_CODES_REPLACED',
  /** a person showed their password again during a session, before a change of how they sign in */
  'PASSWORD_SHOWN',
  /** all factors and recovery codes of an account were taken away and its sessions ended, to begin anew */
  'FACTORS_CLEARED',
  /** a person set a new password; their other sessions ended */
  'PASSWORD_CHANGED',
  /** a session ended by itself or by its owner; the reason is sign-out, idle, expired, limit (one too many at once) or unlock-failed */
  'SESSION_ENDED',
  /** sessions were ended from another one: by their owner, or by an admin; detail says which, or how many */
  'SESSION_REVOKED',
  /** a person locked the screen of a shared workstation: the session has no power until it is unlocked */
  'SESSION_LOCKED',
  /** its own person unlocked it by a second factor, or a try was refused */
  'SESSION_UNLOCKED',
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
  /** the limits of a role's sessions, or which second factor counts, were set or refused; detail says from what to what */
  'ROLE_POLICY_CHANGED',
  /** an account was closed; its sessions ended */
  'ACCOUNT_DEACTIVATED',
  /** the moment was set, moved or taken back from which a member of staff has no access any more */
  'EMPLOYMENT_END_SET',
  /** a closed account was opened again */
  'ACCOUNT_REACTIVATED',
  /** a person asked for another e-mail address; it changes when the new one is confirmed */
  'EMAIL_CHANGE_ASKED',
  /** the new address was confirmed and is the account's; detail says how many other sessions ended */
  'EMAIL_CHANGED',
  /** an administrator asked for a colleague's sign-in to be set up anew; detail says which request, and why */
  'STAFF_RECOVERY_ASKED',
  /** a second administrator agreed: password and factors are gone, and a code of two halves was handed out */
  'STAFF_RECOVERY_AGREED',
  /** a request was taken back or refused */
  'STAFF_RECOVERY_CLOSED',
  /** a step was refused: oneself, the same administrator twice, too late; detail says which */
  'STAFF_RECOVERY_REFUSED',
  /** whoever holds a letter of ours said that what it told of was not them: everything ended, and the account is locked */
  'ACCOUNT_LOCKED',
  /** a letter could not be delivered; detail says of which kind, and what the other server answered (a number) */
  'MAIL_GIVEN_UP',
  /** the desk handed out a code for a patient's login; detail says whether again, and which kinds of documents were seen */
  'ACTIVATION_ISSUED',
  /** a code was used with the right birth date, and a password set; what the login had before ended */
  'ACTIVATION_ACCEPTED',
  /** a code was not taken (unknown, used, void, expired, birth-date), or not handed out (own-record) */
  'ACTIVATION_REFUSED',
  /** somebody shut out by failed sign-ins may try again; detail says after how many */
  'ACCOUNT_UNLOCKED',
  /** an administrator forgot who somebody is at the identity provider; their sessions from there ended */
  'FEDERATION_UNLINKED',
  /** an administrator changed how staff sign in through the provider; detail says what, and for which role */
  'FEDERATION_CHANGED',
  /** a token for the provider's provisioning was made; the one before works for seven days more at most */
  'SCIM_TOKEN_MADE',
  /** such a token was ended */
  'SCIM_TOKEN_ENDED',
  /** a request for provisioning came without a token that is good */
  'SCIM_REFUSED',
  /** the identity provider changed somebody's name or title */
  'SCIM_USER_CHANGED',

  // ── The door ──
  /** an admission was refused before any patient was named: no session, no such rule */
  'ADMISSION_REFUSED',
  /** a patient search found nobody */
  'PATIENT_SEARCH_NO_MATCH',
  /** a patient search found more people than may be listed */
  'PATIENT_SEARCH_TOO_MANY',
  /** a stored value did not open: damaged, moved to another row, or without its key */
  'DECRYPTION_FAILED',

  // ── Ciphertexts ──
  /** every ciphertext was held against the trail; detail says how many, and what was found */
  'CELLS_VERIFIED',
  /** a ciphertext is not the one that was written last: put back, altered or taken away behind the door */
  'CELL_EXCHANGED',

  // ── Destruction and retention ──
  /** somebody asked for a record's keys to be destroyed; detail says which request, for whom, and why */
  'KEY_SHRED_REQUESTED',
  /** a second person confirmed; the subject is who had asked */
  'KEY_SHRED_CONFIRMED',
  /** a request was taken back */
  'KEY_SHRED_CANCELLED',
  /** a step was refused: same person, legal hold, too late; detail says which step and why */
  'KEY_SHRED_REFUSED',
  /** the destruction began: nobody is admitted to the record from here on */
  'KEY_SHRED_STARTED',
  /** keys and tokens of the record are gone; detail says how many */
  'KEY_SHRED_COMPLETED',
  /** this database was restored from before a destruction, and was told of it by the key store */
  'KEY_SHRED_REAPPLIED',
  /** two persons took back a mark that nobody had asked for; the subject is the second one */
  'KEY_SHRED_UNMARKED',
  /** somebody was put into a care team, or their time in it was changed: they read the records of its patients */
  'CARE_TEAM_CHANGED',

  /** a record must be kept from now on, or who asked for it was refused; detail says why */
  'LEGAL_HOLD_PLACED',
  /** one reason to keep a record is over, or a release was refused */
  'LEGAL_HOLD_RELEASED',

  /** somebody asked for another time that the trail is kept for, or for a month to leave it */
  'RETENTION_REQUESTED',
  /** a second person agreed; the subject is who had asked */
  'RETENTION_CONFIRMED',
  /** a step was refused: same person, too young, legal hold, not what was sealed; detail says which step and why */
  'RETENTION_REFUSED',
  /** the trail is kept for another number of years from now on */
  'RETENTION_POLICY_CHANGED',
  /** a month left the logs; detail says how many entries, into which file, and its SHA-256 */
  'AUDIT_MONTH_ARCHIVED',
  /** the tables of a month that had left were dropped; its archive is what is left */
  'AUDIT_MONTH_DROPPED',
  /** somebody asked for a month to come back from its archive */
  'AUDIT_MONTH_RESTORE_ASKED',
  /** a month is in the logs again, entry by entry as it was sealed */
  'AUDIT_MONTH_RESTORED',

  // ── Reviews of access ──
  /** a review of who still needs their access began, started by somebody or by itself; detail says of which roles and how many */
  'ACCESS_REVIEW_STARTED',
  /** a review was opened: it tells what people did */
  'ACCESS_REVIEW_OPENED',
  /** somebody answered for an account; the subject is whose it is, detail says keep, change or revoke */
  'ACCESS_REVIEW_ANSWERED',
  /** a step was refused: one's own account, an old code, the last of a role; detail says which step and why */
  'ACCESS_REVIEW_REFUSED',
  /** accounts wait for an answer and the deadline comes nearer */
  'ACCESS_REVIEW_REMINDED',
  /** nobody answered for an account until the deadline; detail says what became of it */
  'ACCESS_REVIEW_EXPIRED',
  /** a result was signed; detail holds its digest */
  'ACCESS_REVIEW_SIGNED',
  // ── Emergency access ──
  /** somebody asked to open a record that is not theirs; detail says whose, which kind, and the reason from the list */
  'BREAK_GLASS_REQUESTED',
  /** the glass was broken: the record is open for an hour; detail says whose */
  'BREAK_GLASS_OPENED',
  /** it was not broken, or a request lapsed; detail says why */
  'BREAK_GLASS_REFUSED',
  /** whoever broke the glass said that they were done */
  'BREAK_GLASS_ENDED',
  /** the hour was over; the entry may be written later than it was */
  'BREAK_GLASS_EXPIRED',
  /** compliance stopped an emergency access; the subject is who had it */
  'BREAK_GLASS_REVOKED',
  /** compliance read the list of emergency accesses, or one of them; detail says which */
  'BREAK_GLASS_READ',
  /** somebody decided about an emergency access, or tried to; the subject is who had it */
  'BREAK_GLASS_REVIEWED',
  /** whoever broke the glass answered a question of compliance */
  'BREAK_GLASS_ANSWERED',
  /** a review is late; once a day */
  'BREAK_GLASS_REVIEW_OVERDUE',

  // ── Incidents ──
  /** something became an incident; the subject is whose doing it was, as far as that is known */
  'INCIDENT_OPENED',
  /** compliance read the list of incidents, or one of them; detail says which */
  'INCIDENT_READ',
  /** a note, the breach assessment, that the patient was told, or the end; detail says which */
  'INCIDENT_CHANGED',

  // ── Readers of the trail ──
  /** the audit trail was searched; detail holds the criteria as opaque references */
  'AUDIT_SEARCH',
  /** one entry of the trail was opened */
  'AUDIT_EVENT_OPENED',
  /** a search was kept under a name, for oneself or shared; detail holds its id */
  'TRAIL_VIEW_SAVED',
  /** a kept search was shared, taken back or removed by who made it; detail says which */
  'TRAIL_VIEW_CHANGED',

  // ── Exports of the trail ──
  /** somebody asked for an export; detail says of what, how many rows, and whether a second person must agree */
  'TRAIL_EXPORT_REQUESTED',
  /** a second compliance officer agreed; the subject is who had asked */
  'TRAIL_EXPORT_APPROVED',
  /** a second compliance officer did not agree; the subject is who had asked */
  'TRAIL_EXPORT_REJECTED',
  /** who had asked took it back */
  'TRAIL_EXPORT_CANCELLED',
  /** its file is there; detail says how many rows and its digest */
  'TRAIL_EXPORT_READY',
  /** its file was handed out, or refused; written down before the first byte */
  'TRAIL_EXPORT_DOWNLOADED',
  /** its time is over: the file goes away, or nobody agreed within three days */
  'TRAIL_EXPORT_EXPIRED',
  /** it could not be made; detail names the kind of fault */
  'TRAIL_EXPORT_FAILED',
  // ── Watching ──
  /** a day of accesses was looked at for the last time; detail says how many people, accesses and cases */
  'ACCESSES_WATCHED',
  /** a compliance officer read the list of cases; detail says which */
  'CASES_LISTED',
  /** one case was opened */
  'CASE_OPENED',
  /** a case was explained, escalated or suppressed, or that was refused; the subject is who it is about */
  'CASE_DECIDED',
  /** a record was marked as a colleague's own or as confidential; detail says whose and which */
  'WATCH_MARK_SET',
  /** such a mark ended */
  'WATCH_MARK_ENDED',
  /** the list of marks was read */
  'WATCH_MARKS_LISTED',
  /** the report of staff who opened their own record was read */
  'OWN_RECORDS_REPORTED',

  // ── The seal ──
  /** the trail was held against its seal; detail says how much of it, why, and how many findings */
  'AUDIT_VERIFIED',
  /** a compliance officer asked for a verification now */
  'AUDIT_VERIFICATION_REQUESTED',
  /** the page that shows how the seal stands was opened */
  'AUDIT_INTEGRITY_OPENED',
  /** a witness or a bucket gave no answer, or holds another history; detail says which */
  'ANCHOR_FAILED',
  /** it answers again; detail says since when it had not */
  'ANCHOR_ANSWERED',
  /** proofs of single entries were made, to be handed out */
  'AUDIT_PROOF_MADE',
  /** an operator stated that the database was restored from a backup, and why; a new tree began */
  'AUDIT_RESTORE_ACKNOWLEDGED',

  // ── Keys ──
  /** the key-encryption key is being rotated; detail says by which provider and to which version */
  'KEK_ROTATION_STARTED',
  /** no key is under a former version any more; detail says how many were rewrapped */
  'KEK_ROTATION_ENDED',
  /** a former version of the key-encryption key was destroyed */
  'KEK_VERSION_DESTROYED',
  /** what the key-encryption keys are kept under is another one now: the keyring's credential, a KMS key */
  'ROOT_KEY_RENEWED',
  /** keys begin to move from one provider to another */
  'ROOT_KEY_MOVE_STARTED',
  /** all keys are with the other provider */
  'ROOT_KEY_MOVED',
  /** the sheet with which the keyring can be restored was printed */
  'RECOVERY_SHEET_PRINTED',
  /** the keyring was put back from a recovery sheet */
  'KEYRING_RESTORED',
  /** data keys are being replaced, everybody's or one patient's */
  'DATA_KEY_ROTATION_STARTED',
  /** no cell is on a former version but those that do not open; detail says how many of each */
  'DATA_KEY_ROTATION_ENDED',
  /** former versions of data keys were disabled or destroyed; detail says how many */
  'DATA_KEYS_RETIRED',
  /** secrets of accounts and kept searches were re-encrypted; detail says how many */
  'ACCOUNT_SECRETS_READ',
  'ACCOUNT_SECRETS_RESEALED',
  /** the root key of the search index is being replaced */
  'INDEX_ROTATION_STARTED',
  /** no token is under the former root key of the search index any more; detail says how many owners' were renewed */
  'INDEX_ROTATION_ENDED',
  /** tokens of e-mail addresses were made under a new index key, or taken away with a former one; detail says how many */
  'ACCOUNT_TOKENS_RENEWED',

  // ── What patients report and ask for ──
  /** somebody reported an access that they do not recognise; detail says which concern of which patient */
  'CONCERN_REPORTED',
  /** a compliance officer took a concern in hand */
  'CONCERN_ACKNOWLEDGED',
  /** a compliance officer answered a concern */
  'CONCERN_ANSWERED',
  /** a disclosure was written into the ledger; detail says which row of which patient */
  'DISCLOSURE_RECORDED',
  /** a row took the place of an earlier one of the ledger */
  'DISCLOSURE_CORRECTED',
  /** an agency asked for silence about a disclosure for a time */
  'DISCLOSURE_SUSPENDED',
  /** an accounting of disclosures was asked for; from here on it is due in 60 days */
  'ACCOUNTING_REQUESTED',
  /** 30 more days were taken, and the patient was told why */
  'ACCOUNTING_EXTENDED',
  /** an accounting of disclosures was given */
  'ACCOUNTING_PROVIDED',

  // ── Operation ──
  /** from here on every row of the log of patients is vouched for by the process that caused it */
  'WRITERS_ATTESTED',
  /** a process said that all its calls so far are settled: from then on a missing row of them is noticed */
  'WRITER_SETTLED',
  /** a job began its work under a session that only the worker's login can use */
  'SERVICE_SESSION_OPENED',
  /** a database login's password or the session secret was replaced; detail names which, and whether by hand */
  'CREDENTIAL_ROTATED',
  /** sessions of jobs from before a rotation were ended; detail says how many */
  'SERVICE_SESSIONS_ENDED',
  /** an administrator set how old a kind of key may become; detail holds the days before and after */
  'KEY_POLICY_CHANGED',
  /** a kind of key reaches its greatest age soon; once a day */
  'KEY_ROTATION_DUE',
  /** a kind of key is older than it may become; once a day */
  'KEY_ROTATION_OVERDUE',
  /** the table of who may do what changed with a migration; detail holds a digest of it */
  'POLICY_LOADED',
] as const
