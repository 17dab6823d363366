import type { Calendar } from './calendar.ts'
import type { StaffKey } from './cast.ts'
import type { Person } from './person.ts'
import type { SeededRandom } from './seeded-random.ts'

export type Visit = {
  id: string
  daysAgo: number
  hour: number
  minute: number
  kind: 'annual' | 'follow-up' | 'illness' | 'laboratory'
  practitioner: StaffKey
}

const historyDays = 5 * 365

/** Five years of visits on working days, the last at least four days ago; of the deceased, until shortly before the end. */
export function visitsOf(person: Person, calendar: Calendar, random: SeededRandom): Visit[] {
  const visits: Visit[] = []
  const gap = 365 / person.visitsPerYear
  const assigned: StaffKey = random.chance(0.6) ? 'ines-moreau' : 'priya-raman'
  const practitioner = person.doctor ?? assigned
  const latest = (person.deceasedDaysAgo ?? 0) + random.between(4, 24)
  for (
    let daysAgo = latest;
    daysAgo < historyDays;
    daysAgo += Math.round(gap * (0.8 + random.next() * 0.4))
  ) {
    const day = nextWorkday(daysAgo, calendar)
    if (day > daysOfLife(person, calendar)) break
    const place = visits.length % Math.max(1, Math.round(person.visitsPerYear))
    visits.push({
      id: `${person.key}-visit-${visits.length + 1}`,
      daysAgo: day,
      hour: random.between(8, 15),
      minute: random.pick([0, 15, 30, 45]),
      kind:
        place === 0
          ? 'annual'
          : random.chance(0.75) || person.problems.length === 0
            ? 'follow-up'
            : 'illness',
      practitioner,
    })
  }
  return visits
}

/** A weekend's appointment is on the working day before it. */
export function nextWorkday(daysAgo: number, calendar: Calendar): number {
  let day = daysAgo
  while (calendar.isWeekend(day)) day += 1
  return day
}

function daysOfLife(person: Person, calendar: Calendar): number {
  return (Date.parse(calendar.day(0)) - Date.parse(person.birthDate)) / 86_400_000 - 30
}
