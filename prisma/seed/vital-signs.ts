import type { Calendar } from './calendar.ts'
import { problems, type Problem } from './catalogue/conditions.ts'
import { hl7Concept, loinc, measured, reference, type FhirResource } from './fhir-json.ts'
import type { Person } from './person.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Visit } from './visits.ts'

const category = [hl7Concept('observation-category', 'vital-signs')]

export type Build = { height: number; weight: number; systolic: number; diastolic: number }

/** What does not change with age: how far the person is from others of the same sex. */
export type Constitution = { height: number; bodyMass: number; systolic: number; diastolic: number }

export function constitutionOf(random: SeededRandom): Constitution {
  return {
    height: random.around(0, 4),
    bodyMass: random.around(0, 2),
    systolic: random.around(0, 4),
    diastolic: random.around(0, 3),
  }
}

/** Height in cm, weight in kg, and the blood pressure that is usual for the person at an age. */
export function buildOf(person: Person, ageYears: number, own: Constitution): Build {
  const grown = Math.min(1, (ageYears + 2) / 18)
  const height = ((person.gender === 'male' ? 176 : 163) + own.height) * (0.35 + 0.65 * grown)
  const known: Problem[] = person.problems.map((problem) => problems[problem])
  const heavier = known.reduce((sum, problem) => sum + (problem.weightShift ?? 0), 0)
  const higher = known.reduce((sum, problem) => sum + (problem.systolicShift ?? 0), 0)
  const bodyMass = ageYears < 18 ? 14.5 + ageYears * 0.4 + own.bodyMass * 0.3 : 25 + own.bodyMass
  return {
    height: Math.round(height),
    weight: bodyMass * (height / 100) ** 2 + heavier,
    systolic: (ageYears < 18 ? 92 + ageYears : 112 + ageYears * 0.12) + higher + own.systolic,
    diastolic: (ageYears < 18 ? 58 + ageYears * 0.4 : 72) + higher * 0.45 + own.diastolic,
  }
}

/** What the nurse measures at every visit. */
export function vitalSignResources(
  person: Person,
  visit: Visit,
  build: Build,
  calendar: Calendar,
  random: SeededRandom,
): FhirResource[] {
  const weight = Number(random.around(build.weight, build.weight / 90).toFixed(1))
  const feverish = visit.kind === 'illness' ? 0.9 : 0
  const single = (key: string, code: string, name: string, value: number, unit: string): FhirResource => ({
    ...common(person, visit, key, calendar),
    code: { coding: [{ system: loinc, code, display: name }], text: name },
    valueQuantity: measured(value, unit),
  })
  return [
    bloodPressure(person, visit, build, calendar, random),
    single('pulse', '8867-4', 'Heart rate', Math.round(random.around(74, 6) + feverish * 10), '/min'),
    single(
      'temperature',
      '8310-5',
      'Body temperature',
      Number(random.around(36.7 + feverish, 0.2).toFixed(1)),
      'Cel',
    ),
    single(
      'oxygen',
      '59408-5',
      'Oxygen saturation',
      Math.min(100, Math.round(random.around(97.6, 0.7))),
      '%',
    ),
    single('weight', '29463-7', 'Body weight', weight, 'kg'),
    ...(visit.kind === 'annual'
      ? [
          single('height', '8302-2', 'Body height', build.height, 'cm'),
          single(
            'bmi',
            '39156-5',
            'Body mass index',
            Number((weight / (build.height / 100) ** 2).toFixed(1)),
            'kg/m2',
          ),
        ]
      : []),
  ]
}

function bloodPressure(
  person: Person,
  visit: Visit,
  build: Build,
  calendar: Calendar,
  random: SeededRandom,
): FhirResource {
  const part = (code: string, name: string, value: number) => ({
    code: { coding: [{ system: loinc, code, display: name }], text: name },
    valueQuantity: measured(Math.round(value), 'mm[Hg]'),
  })
  return {
    ...common(person, visit, 'blood-pressure', calendar),
    code: { coding: [{ system: loinc, code: '85354-9', display: 'Blood pressure' }], text: 'Blood pressure' },
    component: [
      part('8480-6', 'Systolic blood pressure', random.around(build.systolic, 5)),
      part('8462-4', 'Diastolic blood pressure', random.around(build.diastolic, 3)),
    ],
  }
}

function common(person: Person, visit: Visit, key: string, calendar: Calendar) {
  return {
    resourceType: 'Observation',
    id: `${visit.id}-${key}`,
    status: 'final',
    category,
    subject: reference('Patient', person.key),
    encounter: reference('Encounter', visit.id),
    effectiveDateTime: calendar.at(visit.daysAgo, visit.hour, visit.minute + 5),
    performer: [reference('Practitioner', 'nadia-osei', 'Nadia Osei')],
  }
}
