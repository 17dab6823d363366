import { explainAccess } from '#lib/watch/explain-access.ts'
import { extendHistory } from '#lib/watch/extend-history.ts'
import type {
  AccessDay,
  ActorDay,
  ActorHistory,
  CareFacts,
  RoleNorms,
  Ties,
  WatchedRole,
} from '#lib/watch/facts.ts'
import { judgeDay, type Observation } from '#lib/watch/judge-day.ts'
import { quantile } from '#lib/watch/statistics/quantile.ts'
import type { Patient, Staff } from './make-clinic.ts'
import type { Act, Incident, PlannedDay, Year } from './plan-year.ts'

/** What was observed on one day, and whose doing it was. */
export type ObservedDay = {
  readonly observations: readonly Observation[]
  readonly guilty: ReadonlyMap<string, Incident>
}
export type Observed = {
  readonly days: readonly ObservedDay[]
  /** share of accesses without misuse, after the learning time, that documented care explains */
  readonly documented: number
  readonly accesses: number
}

const noHistory: ActorHistory = { days: [], drip: 0 }

/** Goes through a year as the job does through the trail: day by day, with nothing but what stood there by then. */
export function observeYear(year: Year, learningDays: number): Observed {
  const memory = {
    orders: new Map<string, number>(),
    assignments: new Map<string, number>(),
    explained: new Map<string, number>(),
  }
  const histories = new Map<Staff, ActorHistory>()
  const norms = roleNorms(year, learningDays)
  const counted = { explained: 0, all: 0, accesses: 0 }
  const days = year.days.map((planned, day): ObservedDay => {
    for (const [staff, patient] of planned.orders) memory.orders.set(pair(staff, patient), day)
    for (const [staff, patient] of planned.assignments) memory.assignments.set(pair(staff, patient), day)
    const guilty = new Map<string, Incident>()
    const observations = [...byStaff(planned)].flatMap(([staff, acts]) => {
      const history = histories.get(staff) ?? noHistory
      const accesses = [...byPatient(acts)].map(([patient, own]) => {
        const access = accessDay(year, memory, staff, patient, own, day)
        const { isExplained, isInItsOwnRight } = explainAccess(access)
        if (isInItsOwnRight) memory.explained.set(pair(staff, patient), day)
        const incident = own.find((act) => act.incident)?.incident
        if (incident) guilty.set(pair(staff, patient), incident).set(staff.id, incident)
        else if (day >= learningDays) {
          counted.all += 1
          if (isExplained) counted.explained += 1
        }
        return access
      })
      counted.accesses += acts.length
      const denied = planned.denied.get(staff)
      if (denied?.incident) guilty.set(staff.id, denied.incident)
      const judged = judgeDay({
        accesses,
        history,
        norms: norms[staff.role],
        day: actorDay(staff, day, acts, planned, history),
      })
      const minutes = acts.map(({ minute }) => minute)
      if (acts.length > 0)
        histories.set(
          staff,
          extendHistory(history, judged.day, {
            firstMinute: Math.min(...minutes),
            lastMinute: Math.max(...minutes),
          }),
        )
      return judged.observations
    })
    return { observations, guilty }
  })
  return { days, documented: counted.explained / counted.all, accesses: counted.accesses }
}

export const pair = (staff: Pick<Staff, 'id'>, patient: Pick<Patient, 'id'>): string =>
  `${staff.id} ${patient.id}`

function byStaff(planned: PlannedDay): Map<Staff, Act[]> {
  const groups = new Map<Staff, Act[]>()
  for (const staff of planned.denied.keys()) groups.set(staff, [])
  for (const act of planned.acts) {
    const own = groups.get(act.staff)
    if (own) own.push(act)
    else groups.set(act.staff, [act])
  }
  return groups
}

function byPatient(acts: readonly Act[]): Map<Patient, Act[]> {
  return Map.groupBy(acts, ({ patient }) => patient)
}

type Memory = Record<'orders' | 'assignments' | 'explained', ReadonlyMap<string, number>>

function accessDay(
  year: Year,
  memory: Memory,
  staff: Staff,
  patient: Patient,
  acts: readonly Act[],
  day: number,
): AccessDay {
  const minutes = acts.map(({ minute }) => minute)
  return {
    actorId: staff.id,
    patientId: patient.id,
    day,
    role: staff.role,
    accesses: acts.length,
    firstMinute: Math.min(...minutes),
    lastMinute: Math.max(...minutes),
    isDeskWork: acts.every(({ isDesk }) => isDesk === true),
    hasBrokenGlass: acts.some(({ isGlass }) => isGlass === true),
    care: careFacts(year, memory, staff, patient, day),
    ties: tiesOf(year, staff, patient, day),
  }
}

function careFacts(year: Year, memory: Memory, staff: Staff, patient: Patient, day: number): CareFacts {
  const visits = year.visits.get(patient) ?? []
  const nearest = (
    from: number,
    to: number,
    fits: (visit: (typeof visits)[number]) => boolean,
  ): number | null => {
    let found: number | null = null
    for (const visit of visits) {
      const distance = visit.day - day
      if (
        distance >= from &&
        distance <= to &&
        fits(visit) &&
        (found === null || Math.abs(distance) < Math.abs(found))
      )
        found = distance
    }
    return found
  }
  const age = (map: ReadonlyMap<string, number>): number | null => {
    const on = map.get(pair(staff, patient))
    return on === undefined ? null : day - on
  }
  const claim = (year.claims.get(patient) ?? []).findLast((on) => on <= day)
  return {
    ownVisit: nearest(-30, 14, ({ clinician }) => clinician === staff),
    teamVisit: nearest(-14, 14, ({ department }) => department === staff.department),
    anyVisit: nearest(-7, 30, () => true),
    orderAge: age(memory.orders),
    assignmentAge: age(memory.assignments),
    claimAge: claim === undefined ? null : day - claim,
    explainedAge: age(memory.explained),
    isRelease: false,
  }
}

function tiesOf(year: Year, staff: Staff, patient: Patient, day: number): Ties {
  const last = (year.visits.get(patient) ?? []).findLast((visit) => visit.day <= day)
  const isSelf = patient.staff === staff
  return {
    surnameBits:
      patient.surname === staff.surname && !isSelf ? (year.clinic.surnameBits[staff.surname] ?? 0) : 0,
    isSameHousehold: patient.household === staff.household && !isSelf,
    isSameStreet: patient.street === staff.street && !isSelf,
    isColleague: patient.staff !== null && !isSelf,
    isSameTeam: patient.staff?.department === staff.department && !isSelf,
    isConfidential: patient.isConfidential,
    // before the first day of the year everybody who is not stale had been here
    visitAge: last ? day - last.day : patient.isStale ? 700 : 200,
    isClosed: patient.isClosed,
  }
}

function actorDay(
  staff: Staff,
  day: number,
  acts: readonly Act[],
  planned: PlannedDay,
  history: ActorHistory,
): Omit<ActorDay, 'patients' | 'unexplained'> {
  const isNew = (act: Act): boolean => act.isNewNetwork === true || planned.newNetworks.has(staff)
  const last = history.days.at(-1)
  return {
    actorId: staff.id,
    day,
    role: staff.role,
    denied: planned.denied.get(staff)?.count ?? 0,
    exported: new Set(acts.filter(({ isExport }) => isExport).map(({ patient }) => patient)).size,
    evenRun: 0,
    newNetworkPatients: new Set(acts.filter(isNew).map(({ patient }) => patient)).size,
    networkSwitchMinutes: acts.some(({ isNewNetwork }) => isNewNetwork) && !acts.every(isNew) ? 5 : null,
    brokenGlasses: acts.filter(({ isGlass }) => isGlass).length,
    idleDays: last ? day - last.day : null,
    isAfterEnd: day >= staff.end,
  }
}

/** The 99th percentiles of each role in the learning time. */
function roleNorms(year: Year, learningDays: number): Record<WatchedRole, RoleNorms> {
  const days = year.days.slice(0, learningDays).flatMap((planned) => [...byStaff(planned)])
  const p99 = (role: WatchedRole, count: (acts: readonly Act[]) => number): number =>
    quantile(
      days.filter(([staff]) => staff.role === role).map(([, acts]) => count(acts)),
      0.99,
    )
  const of = (role: WatchedRole): RoleNorms => ({
    exportedP99: p99(role, (acts) => acts.filter(({ isExport }) => isExport).length),
    brokenGlassesP99: p99(role, (acts) => acts.filter(({ isGlass }) => isGlass).length),
  })
  return { clinician: of('clinician'), nurse: of('nurse'), billing: of('billing') }
}
