import type { AllergyKey } from './catalogue/allergies.ts'
import type { ProblemKey } from './catalogue/conditions.ts'
import type { InsurerKey } from './catalogue/insurers.ts'
import type { Person } from './person.ts'
import { SeededRandom } from './seeded-random.ts'

const femaleNames = ['Amelia', 'Beatrice', 'Camille', 'Denise', 'Elena', 'Fatima', 'Hannah', 'Imani', 'Joyce', 'Keiko', 'Lorraine', 'Mei', 'Nora', 'Odette', 'Paula', 'Rosa', 'Sofia', 'Tamika', 'Vera', 'Yolanda'] // prettier-ignore
const maleNames = ['Andre', 'Bruno', 'Carlos', 'Dmitri', 'Elias', 'Frank', 'Gustavo', 'Hassan', 'Ivan', 'Jerome', 'Kofi', 'Louis', 'Mateo', 'Nathan', 'Omar', 'Peter', 'Rafael', 'Stefan', 'Theo', 'Victor'] // prettier-ignore
const familyNames = ['Abbott', 'Baptiste', 'Chowdhury', 'Delgado', 'Eriksen', 'Fontaine', 'Garcia', 'Hoffman', 'Ibrahim', 'Jankowski', 'Kapoor', 'Larsen', 'Mbeki', 'Novak', 'Ortiz', 'Petrov', 'Quispe', 'Rossi', 'Silva', 'Tanaka', 'Ueda', 'Varga', 'Washington', 'Xiong', 'Yilmaz', 'Zhang', 'Reyes', 'Osei', 'Ashby', 'Park', 'Mendoza', 'Nielsen', 'Okonkwo', 'Pereira', 'Ramirez', 'Schultz', 'Thompson', 'Underwood', 'Vasquez', 'Wright', 'Young'] // prettier-ignore
const races = [
  'White',
  'Black or African American',
  'Asian',
  'American Indian or Alaska Native',
  'Other Race',
]

/** Sets of problems that come together, by the age from which they are plausible. */
const histories: readonly { from: number; problems: readonly ProblemKey[] }[] = [
  { from: 0, problems: [] },
  { from: 2, problems: ['eczema'] },
  { from: 5, problems: ['asthma'] },
  { from: 18, problems: ['migraine'] },
  { from: 18, problems: ['anxiety'] },
  { from: 20, problems: ['ironDeficiency'] },
  { from: 25, problems: ['hypothyroidism'] },
  { from: 30, problems: ['reflux'] },
  { from: 35, problems: ['hypertension'] },
  { from: 38, problems: ['highCholesterol', 'prediabetes'] },
  { from: 42, problems: ['diabetes', 'hypertension'] },
  { from: 50, problems: ['kneeArthritis', 'hypertension'] },
  { from: 55, problems: ['diabetes', 'highCholesterol', 'kidneyStage3'] },
  { from: 60, problems: ['lungDisease'] },
  { from: 66, problems: ['atrialFibrillation', 'hypertension'] },
]

/** The patients without a story: as many as asked for, always the same. The last family names repeat staff's and Maria's on purpose. */
export function crowd(count: number, today: string): Person[] {
  return Array.from({ length: count }, (_, index) => crowdMember(index, today))
}

function crowdMember(index: number, today: string): Person {
  const random = new SeededRandom(`crowd:${index}`)
  const gender = index % 2 === 0 ? 'female' : 'male'
  const age = random.between(1, 88)
  const suitable = histories.filter((history) => history.from <= age)
  const likely = suitable.slice(-6)
  const problems = random.pick(likely).problems
  const birthYear = Number(today.slice(0, 4)) - age - 1
  const birthDate = `${birthYear}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`
  const allergy: AllergyKey = random.chance(0.55)
    ? 'none'
    : random.pick(['penicillin', 'sulfa', 'pollen', 'latex', 'peanut'] as const)
  return {
    key: `patient-${String(index + 1).padStart(3, '0')}`,
    family: familyNames[index % familyNames.length] ?? 'Abbott',
    given: [random.pick(gender === 'female' ? femaleNames : maleNames)],
    gender,
    birthDate,
    race: random.pick(races),
    ethnicity: random.chance(0.25) ? 'Hispanic or Latino' : 'Not Hispanic or Latino',
    ...(age >= 18 ? { marital: random.pick(['Married', 'Never Married', 'Divorced']) } : {}),
    insurer: insurerFor(age, random),
    problems,
    allergies: [allergy],
    visitsPerYear: 1 + Math.min(2, problems.length) + (age > 65 ? 1 : 0),
    treated: true,
  }
}

function insurerFor(age: number, random: SeededRandom): InsurerKey {
  if (age >= 65) return 'medicare'
  return random.pick(['lakeside', 'lakeside', 'prairie', 'prairie', 'medicaid'] as const)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
