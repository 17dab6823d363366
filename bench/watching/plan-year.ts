import type { Chance } from './make-chance.ts'
import type { Clinic, Patient, Staff } from './make-clinic.ts'
import { clinicParameters as given, type IncidentType } from './parameters.ts'

export type Incident = { readonly id: number; readonly type: IncidentType }
/** One access, or one attempt, before it is counted up by day. */
export type Act = {
  readonly staff: Staff
  readonly patient: Patient
  readonly minute: number
  readonly isDesk?: boolean
  readonly isGlass?: boolean
  readonly isExport?: boolean
  readonly isNewNetwork?: boolean
  readonly incident?: Incident
}
export type Visit = { readonly day: number; readonly clinician: Staff; readonly department: number }
/** What happens on one day; `orders` and `assignments` are what gets documented. */
export type PlannedDay = {
  readonly acts: Act[]
  readonly orders: (readonly [Staff, Patient])[]
  readonly assignments: (readonly [Staff, Patient])[]
  readonly denied: Map<Staff, { count: number; incident?: Incident }>
  readonly newNetworks: Set<Staff>
}
export type Year = {
  readonly clinic: Clinic
  readonly days: readonly PlannedDay[]
  readonly visits: ReadonlyMap<Patient, Visit[]>
  readonly claims: ReadonlyMap<Patient, number[]>
}

export const isAtWork = (staff: Staff, day: number): boolean =>
  day < staff.end && !(day >= staff.leave[0] && day < staff.leave[1]) && (staff.worksWeekends || day % 7 < 5)

export const minuteAtWork = (chance: Chance, staff: Staff): number => chance.between(staff.from, staff.to - 1)

/**
 * A year of care as it should be, and some that nobody documents.
 * @param undocumented ad-hoc accesses (a telephone call, a question in the corridor) as a share of all accesses
 */
export function planYear(chance: Chance, clinic: Clinic, undocumented: number): Year {
  const days = Array.from({ length: given.days }, (): PlannedDay => ({
    acts: [], orders: [], assignments: [], denied: new Map(), newNetworks: new Set(),
  })) // prettier-ignore
  const visits = new Map<Patient, Visit[]>()
  const claims = new Map<Patient, number[]>()
  const active = clinic.patients.filter(({ isStale }) => !isStale)
  const year: Year = { clinic, days, visits, claims }
  for (let day = 0; day < given.days; day += 1) {
    const crew = crewOf(clinic, day)
    const number = day % 7 < 5 ? given.visits : given.visitsAtWeekends
    // Some are seen often: half of the visits are of a tenth of the patients.
    for (let n = 0; n < number; n += 1) {
      const patient = chance.is(0.5)
        ? chance.pick(active)
        : (active[chance.below(active.length / 10)] ?? chance.pick(active))
      planVisit(chance, year, crew, day, patient)
    }
    planNights(chance, year, crew, day, active)
    const before = days[day]?.acts.length ?? 0
    planUndocumented(chance, year, crew, day, active, before * undocumented)
    planNoise(chance, year, crew, day)
  }
  return year
}

export type Crew = { readonly clinicians: Staff[]; readonly nurses: Staff[]; readonly desk: Staff[]; readonly billing: Staff[]; readonly all: Staff[] } // prettier-ignore

export function crewOf(clinic: Clinic, day: number): Crew {
  const all = clinic.staff.filter((each) => isAtWork(each, day))
  return {
    all,
    clinicians: all.filter(({ role }) => role === 'clinician'),
    nurses: all.filter(({ role }) => role === 'nurse'),
    desk: all.filter(({ isDesk }) => isDesk),
    billing: all.filter(({ role, isDesk }) => role === 'billing' && !isDesk),
  }
}

function planVisit(chance: Chance, year: Year, crew: Crew, day: number, patient: Patient): void {
  const department = chance.is(given.ownDepartment) ? patient.department : chance.below(given.departments)
  const ofTeam = (people: readonly Staff[]): Staff[] =>
    people.filter((each) => each.department === department)
  const team = { clinicians: ofTeam(crew.clinicians), nurses: ofTeam(crew.nurses) }
  const clinician = team.clinicians[chance.below(team.clinicians.length)]
  if (!clinician) return
  append(year.visits as Map<Patient, Visit[]>, patient, { day, clinician, department })
  const act = (staff: Staff | undefined, on: number, more: Partial<Act> = {}): void => {
    if (staff && isAtWork(staff, on))
      year.days[on]?.acts.push({ staff, patient, minute: minuteAtWork(chance, staff), ...more })
  }
  const nurse = team.nurses[chance.below(team.nurses.length)]
  act(crew.desk[chance.below(crew.desk.length)], day, { isDesk: true })
  act(nurse, day)
  act(clinician, day)
  if (chance.is(given.booking))
    act(crew.desk[chance.below(crew.desk.length)], Math.max(0, day - chance.between(1, 20)), { isDesk: true })
  if (chance.is(given.clinicianFollowUp)) act(clinician, day + chance.between(1, 10))
  if (chance.is(given.nurseFollowUp)) act(nurse, day + chance.between(1, 7))
  if (chance.is(given.consultInTeam))
    act(team.clinicians[chance.below(team.clinicians.length)], day + chance.between(0, 7))
  if (chance.is(given.ordering)) year.days[day]?.orders.push([clinician, patient])
  if (chance.is(given.consultElsewhere)) {
    const colleague = crew.clinicians[chance.below(crew.clinicians.length)]
    const on = day + chance.between(0, 10)
    if (colleague) year.days[on]?.assignments.push([colleague, patient])
    act(colleague, on)
  }
  if (chance.is(given.claim)) append(year.claims as Map<Patient, number[]>, patient, day)
  if (chance.is(given.claimWork))
    act(crew.billing[chance.below(crew.billing.length)], day + chance.between(2, 40))
}

/** People on call, and emergencies. */
function planNights(
  chance: Chance,
  { days }: Year,
  crew: Crew,
  day: number,
  active: readonly Patient[],
): void {
  const today = days[day]
  if (!today || crew.clinicians.length === 0) return
  for (let n = 0; n < given.onCall; n += 1) {
    const staff = chance.pick(crew.clinicians)
    for (let records = chance.poisson(given.onCallRecords); records > 0; records -= 1) {
      const patient = chance.pick(active)
      if (chance.is(given.onCallDocumented)) today.assignments.push([staff, patient])
      today.acts.push({
        staff,
        patient,
        minute: chance.is(0.5) ? chance.below(360) : chance.between(1_200, 1_439),
      })
    }
  }
  for (let n = chance.poisson(given.emergencies); n > 0; n -= 1) {
    const [staff, patient] = [chance.pick(crew.clinicians), chance.pick(active)]
    if (chance.is(given.emergenciesDocumented)) today.orders.push([staff, patient])
    today.acts.push({ staff, patient, minute: minuteAtWork(chance, staff), isGlass: true })
  }
}

function planUndocumented(
  chance: Chance,
  { days, clinic }: Year,
  crew: Crew,
  day: number,
  active: readonly Patient[],
  mean: number,
): void {
  const carers = [...crew.clinicians, ...crew.nurses]
  const colleagues = clinic.patients.filter(({ staff }) => staff !== null)
  if (carers.length === 0) return
  for (let n = Math.floor(mean) + (chance.is(mean % 1) ? 1 : 0); n > 0; n -= 1) {
    const staff = chance.pick(carers)
    const patient = chance.is(given.undocumentedStale)
      ? chance.pick(clinic.patients)
      : chance.is(given.undocumentedColleagues)
        ? chance.pick(colleagues)
        : chance.pick(active)
    days[day]?.acts.push({ staff, patient, minute: minuteAtWork(chance, staff) })
  }
}

/** What looks odd and means nothing: mistyped searches, a new telephone, papers for a lawyer. */
function planNoise(chance: Chance, year: Year, crew: Crew, day: number): void {
  const today = year.days[day]
  if (!today) return
  for (const staff of crew.all) {
    const denied = chance.poisson(given.deniedByMistake)
    if (denied > 0) today.denied.set(staff, { count: denied })
    if (chance.is(given.newNetwork)) today.newNetworks.add(staff)
    const own = chance.is(given.exported[staff.role]) ? today.acts.filter((act) => act.staff === staff) : []
    if (own.length > 0) today.acts.push({ ...chance.pick(own), isExport: true })
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
