/*
 * What the watching works with: who touched whose record on which day, what documented care stands behind it, and what the two
 * have in common. Numbers, opaque ids and yes or no; never a name, an address or anything else out of a record.
 */

/** The roles whose accesses are watched; patients and proxies open their own records, jobs are admitted one by one. */
export type WatchedRole = 'clinician' | 'nurse' | 'billing'

/**
 * Documented care between a person and a patient, seen from the day of an access. Distances in days, negative before the access;
 * null when there is none that the explanation could use.
 */
export type CareFacts = {
  /** nearest visit of the patient with this person */
  readonly ownVisit: number | null
  /** nearest visit of the patient with somebody of the person's team */
  readonly teamVisit: number | null
  /** nearest visit of the patient at the clinic */
  readonly anyVisit: number | null
  /** days since the person last ordered or documented something for the patient */
  readonly orderAge: number | null
  /** days since somebody else put the person on the patient's care team by name */
  readonly assignmentAge: number | null
  /** days since the patient's newest open claim */
  readonly claimAge: number | null
  /** days since the last access of the same two that was explained in its own right (E1 to E6, E8) */
  readonly explainedAge: number | null
  /** the accesses were a release of the record: DISCLOSE, or on behalf of the patient */
  readonly isRelease: boolean
}

/** What person and patient have in common, and what is special about the record. */
export type Ties = {
  /** −log2 of the share of patients with the surname that the two share; 0 when they share none */
  readonly surnameBits: number
  readonly isSameHousehold: boolean
  readonly isSameStreet: boolean
  /** the patient is a member of staff */
  readonly isColleague: boolean
  /** … of a team that the person is in as well */
  readonly isSameTeam: boolean
  readonly isConfidential: boolean
  /** days since the patient's last visit; without one, since the record was made */
  readonly visitAge: number
  /** the record is closed: the patient has died, or left */
  readonly isClosed: boolean
}

/** All that one person did with one patient's record on one day (UTC). */
export type AccessDay = {
  readonly actorId: string
  readonly patientId: string
  /** days since 1970-01-01 */
  readonly day: number
  readonly role: WatchedRole
  readonly accesses: number
  /** minute of the clinic's own day, 0 to 1439, of the earliest and the latest access */
  readonly firstMinute: number
  readonly lastMinute: number
  /** nothing but finding and registering: the desk's part, no chart */
  readonly isDeskWork: boolean
  readonly hasBrokenGlass: boolean
  readonly care: CareFacts
  readonly ties: Ties
}

/** All that one person did on one day (UTC). */
export type ActorDay = {
  readonly actorId: string
  readonly day: number
  readonly role: WatchedRole
  readonly patients: number
  readonly unexplained: number
  /** attempts that were refused */
  readonly denied: number
  /** records that were printed, exported or released */
  readonly exported: number
  /** the longest run of charts opened one after the other at an even pace */
  readonly evenRun: number
  /** patients opened from a network or device that the person never used before */
  readonly newNetworkPatients: number
  /** shortest time between accesses from two networks, in minutes; null with one network */
  readonly networkSwitchMinutes: number | null
  readonly brokenGlasses: number
  /** days since the person's last access before this day; null when there was none */
  readonly idleDays: number | null
  /** the account was closed, or the employment over, before the access */
  readonly isAfterEnd: boolean
}

/** What is usual for a person: their days at work before this one, the newest last. */
export type ActorHistory = {
  readonly days: readonly PastDay[]
  /** sum of {@link ../detectors/slow-drip.ts} as it stood after the last of these days */
  readonly drip: number
}

export type PastDay = {
  readonly day: number
  readonly patients: number
  readonly unexplained: number
  readonly firstMinute: number
  readonly lastMinute: number
}

/** What is usual for everybody of a role, per day at work: the 99th percentile. */
export type RoleNorms = { readonly exportedP99: number; readonly brokenGlassesP99: number }
