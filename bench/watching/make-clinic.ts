import type { WatchedRole } from '#lib/watch/facts.ts'
import type { Chance } from './make-chance.ts'
import { clinicParameters as given } from './parameters.ts'

export type Staff = {
  readonly id: string
  readonly role: WatchedRole
  readonly isDesk: boolean
  readonly department: number
  readonly surname: number
  readonly household: number
  readonly street: number
  /** minutes of the day */
  readonly from: number
  readonly to: number
  readonly worksWeekends: boolean
  /** half-open range of days away; empty for most */
  readonly leave: readonly [number, number]
  /** first day after the employment */
  readonly end: number
}
export type Patient = {
  readonly id: string
  surname: number
  household: number
  street: number
  staff: Staff | null
  readonly department: number
  readonly isConfidential: boolean
  readonly isClosed: boolean
  readonly isStale: boolean
}
export type Clinic = {
  readonly staff: readonly Staff[]
  readonly patients: readonly Patient[]
  /** −log2 of the share of patients with each surname */
  readonly surnameBits: readonly number[]
  readonly relatives: ReadonlyMap<Staff, readonly Patient[]>
}

/** Staff and patients, and who of them is whose relative, neighbour or colleague. */
export function makeClinic(chance: Chance): Clinic {
  const drawSurname = surnameLaw(chance)
  const staff = makeStaff(chance, drawSurname)
  const patients = Array.from({ length: given.patients }, (_, index): Patient => {
    const isClosed = chance.is(given.closed)
    return {
      id: `p${index}`,
      surname: drawSurname(),
      household: 1_000 + Math.floor(index / 2),
      street: 1_000 + Math.floor(index / 12),
      staff: null,
      department: chance.below(given.departments),
      isConfidential: chance.is(given.confidential),
      isClosed,
      isStale: isClosed || chance.is(given.stale),
    }
  })
  const relatives = new Map(staff.map((person) => [person, tie(chance, person, patients)]))
  const counts = Array.from({ length: given.surnames }, () => 0)
  for (const { surname } of patients) counts[surname] = (counts[surname] ?? 0) + 1
  return {
    staff,
    patients,
    relatives,
    surnameBits: counts.map((count) => -Math.log2(Math.max(1, count) / patients.length)),
  }
}

function makeStaff(chance: Chance, drawSurname: () => number): Staff[] {
  const kinds = [
    ...Array.from({ length: given.clinicians }, () => ({ role: 'clinician' as const, isDesk: false })),
    ...Array.from({ length: given.nurses }, () => ({ role: 'nurse' as const, isDesk: false })),
    ...Array.from({ length: given.desk }, () => ({ role: 'billing' as const, isDesk: true })),
    ...Array.from({ length: given.billing }, () => ({ role: 'billing' as const, isDesk: false })),
  ]
  const away = new Set(Array.from({ length: given.longLeaves }, () => chance.below(kinds.length)))
  return kinds.map((kind, index) => {
    const from = chance.pick([7, 8, 8, 9, 12]) * 60
    const leaveFrom = chance.between(60, 200)
    return {
      id: `s${index}`,
      ...kind,
      department: index % given.departments,
      surname: drawSurname(),
      household: index,
      street: index,
      from,
      to: from + 9 * 60,
      worksWeekends: chance.is(0.15),
      leave: away.has(index) ? [leaveFrom, leaveFrom + chance.between(...given.longLeaveDays)] : [0, 0],
      // every twelfth leaves in the course of the year
      end: index % 12 === 5 ? chance.between(60, 240) : given.days,
    }
  })
}

/** Makes some patients relatives and neighbours of a member of staff, and one perhaps that person's own record. */
function tie(chance: Chance, person: Staff, patients: readonly Patient[]): Patient[] {
  const relatives = Array.from({ length: chance.below(given.relativesMost + 1) }, () => chance.pick(patients))
  for (const relative of relatives) {
    relative.household = person.household
    relative.street = person.street
    if (chance.is(given.relativesShareSurname)) relative.surname = person.surname
  }
  for (let n = chance.below(given.neighboursMost + 1); n > 0; n -= 1)
    chance.pick(patients).street = person.street
  if (chance.is(given.staffPatients)) {
    const own = chance.pick(patients)
    Object.assign(own, {
      staff: person,
      surname: person.surname,
      household: person.household,
      street: person.street,
    })
  }
  return relatives
}

/** Surnames by Zipf's law. */
function surnameLaw(chance: Chance): () => number {
  const shares = Array.from({ length: given.surnames }, (_, n) => 1 / (n + 1) ** given.surnameExponent)
  const total = shares.reduce((sum, share) => sum + share, 0)
  const upTo: number[] = []
  for (const share of shares) upTo.push((upTo.at(-1) ?? 0) + share / total)
  return () => {
    const at = chance.unit()
    let [low, high] = [0, upTo.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] ?? 1) < at) low = middle + 1
      else high = middle
    }
    return low
  }
}
