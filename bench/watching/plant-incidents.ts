import type { Chance } from './make-chance.ts'
import type { Patient, Staff } from './make-clinic.ts'
import { clinicParameters as given, incidentTypes, type IncidentType } from './parameters.ts'
import { isAtWork, minuteAtWork, type Act, type Incident, type Year } from './plan-year.ts'

/** Puts misuse of twelve types into a year, so many of each; returns what was planted. */
export function plantIncidents(chance: Chance, year: Year): Incident[] {
  const planted: Incident[] = []
  for (const type of incidentTypes)
    for (let n = 0; n < given.incidentsOfAType; n += 1) {
      const incident = { id: planted.length, type }
      planters[type](chance, year, incident)
      planted.push(incident)
    }
  return planted
}

type Plant = (chance: Chance, year: Year, incident: Incident) => void

const planters: Readonly<Record<IncidentType, Plant>> = {
  family: (chance, year, incident) => {
    const withRelatives = [...year.clinic.relatives].filter(
      ([staff, relatives]) => relatives.length > 0 && !staff.isDesk,
    )
    const [staff, relatives] = chance.pick(withRelatives)
    lookAt(chance, year, incident, staff, chance.pick(relatives))
  },
  colleague: (chance, year, incident) => {
    const patient = chance.pick(year.clinic.patients.filter((each) => each.staff !== null))
    lookAt(chance, year, incident, curious(chance, year, patient), patient)
  },
  confidential: (chance, year, incident) => {
    const patient = chance.pick(
      year.clinic.patients.filter((each) => each.isConfidential && each.staff === null),
    )
    for (let n = chance.between(1, 4); n > 0; n -= 1)
      lookAt(chance, year, incident, curious(chance, year, patient), patient)
  },
  stale: (chance, year, incident) => {
    const patient = chance.pick(year.clinic.patients.filter((each) => each.isStale))
    lookAt(chance, year, incident, curious(chance, year, patient), patient)
  },
  'after-hours': (chance, year, incident) => {
    const staff = clinical(chance, year)
    const day = dayAtWork(chance, staff)
    for (let n = chance.between(2, 5); n > 0; n -= 1)
      put(year, day, { staff, patient: anybody(chance, year), minute: chance.below(240), incident })
  },
  bulk: (chance, year, incident) => {
    const staff = clinical(chance, year)
    sweep(chance, year, incident, staff, dayAtWork(chance, staff), chance.between(25, 100))
  },
  export: (chance, year, incident) => {
    const staff = clinical(chance, year)
    sweep(chance, year, incident, staff, dayAtWork(chance, staff), chance.between(4, 15), { isExport: true })
  },
  drip: (chance, year, incident) => {
    const staff = clinical(chance, year)
    const from = chance.between(given.learningDays, given.days - 60)
    for (let day = from; day < from + chance.between(28, 50); day += 1)
      if (isAtWork(staff, day)) sweep(chance, year, incident, staff, day, chance.between(2, 4))
  },
  takeover: (chance, year, incident) => {
    const staff = clinical(chance, year)
    sweep(chance, year, incident, staff, dayAtWork(chance, staff), chance.between(10, 40), {
      isNewNetwork: !chance.is(given.takeoverFromKnownNetwork),
    })
  },
  dormant: (chance, year, incident) => {
    const away = year.clinic.staff.filter(({ leave: [from, to] }) => to - from > 60)
    const staff = chance.pick(
      chance.is(0.5) ? away : year.clinic.staff.filter(({ end }) => end < given.days - 10),
    )
    const day =
      staff.end < given.days
        ? chance.between(staff.end, given.days - 1)
        : chance.between(staff.leave[0] + 20, staff.leave[1] - 1)
    sweep(chance, year, incident, staff, day, chance.between(1, 8))
  },
  probing: (chance, year, incident) => {
    const staff = clinical(chance, year)
    const today = year.days[dayAtWork(chance, staff)]
    today?.denied.set(staff, { count: chance.between(8, 40), incident })
    const patient = anybody(chance, year)
    today?.acts.push({ staff, patient, minute: minuteAtWork(chance, staff), incident })
  },
  'break-glass': (chance, year, incident) => {
    const staff = clinical(chance, year)
    const day = dayAtWork(chance, staff)
    const here = year.clinic.patients.filter((each) =>
      year.visits.get(each)?.some((visit) => visit.day === day),
    )
    const patient =
      here.length > 0 && chance.is(given.falseEmergencyDuringVisit)
        ? chance.pick(here)
        : anybody(chance, year)
    put(year, day, { staff, patient, minute: minuteAtWork(chance, staff), isGlass: true, incident })
  },
}

/** One to three looks in working hours, often because the person was just here. */
function lookAt(chance: Chance, year: Year, incident: Incident, staff: Staff, patient: Patient): void {
  const occasions = (year.visits.get(patient) ?? []).filter(
    ({ day }) => day >= given.learningDays && day < given.days - 12,
  )
  const occasion = chance.is(given.curiosityAfterVisit)
    ? occasions[chance.below(occasions.length)]
    : undefined
  let day = occasion ? occasion.day + chance.between(1, 5) : dayAtWork(chance, staff)
  for (let n = chance.between(1, 3); n > 0; n -= 1) {
    while (!isAtWork(staff, day) && day < given.days - 1 && day < staff.end - 1) day += 1
    put(year, day, { staff, patient, minute: minuteAtWork(chance, staff), incident })
    day = Math.min(day + chance.between(1, 3), staff.end - 1)
  }
}

function sweep(
  chance: Chance,
  year: Year,
  incident: Incident,
  staff: Staff,
  day: number,
  count: number,
  more: Partial<Act> = {},
): void {
  for (let n = 0; n < count; n += 1)
    put(year, day, {
      staff,
      patient: anybody(chance, year),
      minute: minuteAtWork(chance, staff),
      incident,
      ...more,
    })
}

function put(year: Year, day: number, act: Act): void {
  year.days[day]?.acts.push(act)
}

/** Mostly somebody who is being treated: lists of today's and last week's patients are at hand. */
function anybody(chance: Chance, year: Year): Patient {
  const patient = chance.pick(year.clinic.patients)
  return patient.isStale && chance.is(0.7) ? anybody(chance, year) : patient
}

/** A carer who works through the year. */
function clinical(chance: Chance, year: Year): Staff {
  return chance.pick(
    year.clinic.staff.filter(
      (each) => !each.isDesk && each.role !== 'billing' && each.end === given.days && each.leave[1] === 0,
    ),
  )
}

/** Somebody other than the patient, usually of another department. */
function curious(chance: Chance, year: Year, patient: Patient): Staff {
  for (;;) {
    const staff = clinical(chance, year)
    const isSame = staff.department === patient.department
    if (staff !== patient.staff && (!isSame || chance.is(given.curiousInSameDepartment))) return staff
  }
}

function dayAtWork(chance: Chance, staff: Staff): number {
  for (;;) {
    const day = chance.between(given.learningDays, given.days - 1)
    if (isAtWork(staff, day)) return day
  }
}
