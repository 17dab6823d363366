import type { AccessDay, ActorDay, ActorHistory, CareFacts, PastDay, Ties } from '#lib/watch/facts.ts'

/* Facts for tests: nothing documented and nothing in common, but what the test says. */

export function anAccess(
  care: Partial<CareFacts> = {},
  rest: Partial<AccessDay> = {},
  ties: Partial<Ties> = {},
): AccessDay {
  return {
    actorId: 'a',
    patientId: 'p',
    day: 100,
    role: 'clinician',
    accesses: 1,
    firstMinute: 600,
    lastMinute: 600,
    isDeskWork: false,
    hasBrokenGlass: false,
    ...rest,
    care: {
      ownVisit: null,
      teamVisit: null,
      anyVisit: null,
      orderAge: null,
      assignmentAge: null,
      claimAge: null,
      explainedAge: null,
      isRelease: false,
      ...care,
    },
    ties: {
      surnameBits: 0,
      isSameHousehold: false,
      isSameStreet: false,
      isColleague: false,
      isSameTeam: false,
      isConfidential: false,
      visitAge: 30,
      isClosed: false,
      ...ties,
    },
  }
}

export function aDay(rest: Partial<ActorDay> = {}): ActorDay {
  return {
    actorId: 'a',
    day: 100,
    role: 'clinician',
    patients: 10,
    unexplained: 0,
    denied: 0,
    exported: 0,
    evenRun: 0,
    newNetworkPatients: 0,
    networkSwitchMinutes: null,
    brokenGlasses: 0,
    idleDays: 1,
    isAfterEnd: false,
    ...rest,
  }
}

/** So many like days at work. */
export function aHistory(count: number, day: Partial<PastDay> = {}, drip = 0): ActorHistory {
  const past = { patients: 10, unexplained: 0, firstMinute: 480, lastMinute: 1020, ...day }
  return { days: Array.from({ length: count }, (_, index) => ({ day: index, ...past })), drip }
}
