/**
 * Everything that the synthetic clinic is made by. There is no public log of accesses to health records in which the misuse is
 * labelled, so this one is made up; the numbers are guesses at a clinic of this size and are published so that they can be
 * doubted. Rates are per day at work unless it says otherwise.
 */
export const clinicParameters = {
  days: 365,
  /** days at the beginning in which nothing is planted and nothing is counted: there is no baseline yet */
  learningDays: 42,
  departments: 8,
  clinicians: 40,
  nurses: 40,
  desk: 14,
  billing: 14,
  patients: 12_000,
  surnames: 3_000,
  /** the nth most common surname has a share proportional to 1 / n^exponent */
  surnameExponent: 0.9,
  /** share of staff who are patients here too */
  staffPatients: 0.6,
  /** patients in the household of a member of staff, at most, and the share of them with the same surname */
  relativesMost: 3,
  relativesShareSurname: 0.7,
  /** patients in the street of a member of staff, at most */
  neighboursMost: 6,
  confidential: 0.005,
  closed: 0.015,
  /** share of patients without a visit in 18 months */
  stale: 0.15,
  visits: 300,
  visitsAtWeekends: 30,
  /** share of visits at the patient's own department */
  ownDepartment: 0.75,
  /** accesses after and around a visit: probability that each happens */
  booking: 0.5,
  clinicianFollowUp: 0.5,
  nurseFollowUp: 0.3,
  consultInTeam: 0.15,
  consultElsewhere: 0.08,
  ordering: 0.6,
  claim: 0.9,
  claimWork: 0.5,
  /** people on call at night, and records that each of them opens */
  onCall: 3,
  onCallRecords: 2,
  /** share of work on call for which an assignment is documented */
  onCallDocumented: 0.97,
  emergencies: 0.3,
  emergenciesDocumented: 0.9,
  /** refused attempts of a person by mistake */
  deniedByMistake: 0.05,
  /** chance that a person uses a network or device for the first time on a day */
  newNetwork: 0.0008,
  /** records printed or exported for a reason, per person */
  exported: { clinician: 0.1, nurse: 0.05, billing: 0.3 },
  longLeaves: 4,
  longLeaveDays: [65, 120],
  /** share of undocumented care for people who have not been here for long, and for colleagues who ask across the corridor */
  undocumentedStale: 0.06,
  undocumentedColleagues: 0.02,
  incidentsOfAType: 11,
  /** chance that the curious one may be of the department where the patient is usually seen: care may then explain the look by chance */
  curiousInSameDepartment: 0.3,
  /** share of takeovers from a network that the person is known to use */
  takeoverFromKnownNetwork: 0.25,
  /** share of false emergencies for a patient who happens to be here that day */
  falseEmergencyDuringVisit: 0.25,
  /** share of looks at people one knows that follow a visit of theirs: curiosity has an occasion */
  curiosityAfterVisit: 0.5,
} as const

export const incidentTypes = [
  'family', 'colleague', 'confidential', 'stale', 'after-hours', 'bulk', 'export', 'drip', 'takeover', 'dormant', 'probing',
  'break-glass',
] as const // prettier-ignore
export type IncidentType = (typeof incidentTypes)[number]
