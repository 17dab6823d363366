import type { Calendar } from './calendar.ts'
import { problems, type Problem, type ProblemKey } from './catalogue/conditions.ts'
import { panels, wordTests, type PanelKey, type WordTestKey } from './catalogue/laboratory-tests.ts'
import { vaccines, type VaccineKey } from './catalogue/vaccines.ts'
import { chargeResources, type Charge, type PatientPayment } from './charges.ts'
import { concept, hl7Concept, reference, type FhirResource } from './fhir-json.ts'
import { drawPanel, panelResources, usualValues, wordTestResources, type PanelValues } from './laboratory.ts'
import type { Person } from './person.ts'
import {
  conditionId,
  historyResources,
  identityResources,
  prescriptionResources,
} from './person-resources.ts'
import { SeededRandom } from './seeded-random.ts'
import { laboratoryStories, type LaboratoryStory } from './stories.ts'
import { buildOf, constitutionOf, vitalSignResources } from './vital-signs.ts'
import { visitsOf, type Visit } from './visits.ts'

export type PatientRecord = {
  person: Person
  visits: Visit[]
  resources: FhirResource[]
  payments: PatientPayment[]
}

const visitWords: Record<Visit['kind'], { snomed: string; name: string }> = {
  annual: { snomed: '162673000', name: 'General examination of patient' },
  'follow-up': { snomed: '390906007', name: 'Follow-up encounter' },
  illness: { snomed: '185345009', name: 'Encounter for symptom' },
  laboratory: { snomed: '416375006', name: 'Blood specimen collection' },
}

/** Five years of one patient as FHIR resources. */
export function patientRecord(person: Person, calendar: Calendar): PatientRecord {
  const random = new SeededRandom(`patient:${person.key}`)
  const stories = laboratoryStories.filter((story) => story.patient === person.key)
  const visits = visitsOf(person, calendar, new SeededRandom(`visits:${person.key}`))
  const usual = usualValues(person, random)
  const ageYears = (Date.parse(calendar.day(0)) - Date.parse(person.birthDate)) / 31_557_600_000
  const constitution = constitutionOf(random)
  const given = new Set<string>()
  const record: PatientRecord = { person, visits, resources: [], payments: [] }
  const { resources } = record
  resources.push(
    ...identityResources(person, calendar, random),
    ...historyResources(person, calendar, random),
  )
  resources.push(...prescriptionResources(person, calendar, random, visits[0]?.practitioner ?? 'ines-moreau'))

  for (const visit of visits) {
    const age = ageYears - visit.daysAgo / 365.25
    const build = buildOf(person, age, constitution)
    resources.push(
      encounterResource(person, visit, calendar),
      ...vitalSignResources(person, visit, build, calendar, random),
    )
    const charges: Charge[] = []
    // Maria's laboratory is told, value by value; everybody else's is drawn.
    const drawn = person.key === 'maria-reyes' ? [] : panelsFor(person, visit, ageYears, random)
    for (const panel of drawn) {
      resources.push(...panelResources(person, visit, panel, drawPanel(panel, usual, random), calendar))
      charges.push(panels[panel])
    }
    if (visit.kind === 'illness') {
      const key = random.pick<WordTestKey>(['strep', 'covid', 'urineCulture'])
      resources.push(...wordTestResources(person, visit, key, random.chance(0.3), calendar))
      charges.push(wordTests[key])
    }
    for (const key of vaccinesFor(visit, age, given, calendar, random)) {
      resources.push(immunizationResource(person, visit, key, calendar, random))
      charges.push(vaccines[key])
    }
    bill(record, visit, charges, calendar, random)
  }
  for (const [index, story] of stories.entries()) {
    const visit = storyVisit(story, index)
    visits.push(visit)
    resources.push(encounterResource(person, visit, calendar))
    for (const [panel, values] of Object.entries(story.panels) as [PanelKey, PanelValues][]) {
      resources.push(...panelResources(person, visit, panel, values, calendar))
    }
    bill(
      record,
      visit,
      (Object.keys(story.panels) as PanelKey[]).map((panel) => panels[panel]),
      calendar,
      random,
    )
  }
  return record
}

/** The visit at which a story's blood was taken; its place in the list names it, so that a correction finds it again. */
export function storyVisit(story: LaboratoryStory, index: number): Visit {
  const { patient, daysAgo, hour, minute } = story
  return {
    id: `${patient}-laboratory-${index + 1}`,
    daysAgo,
    hour,
    minute,
    kind: 'laboratory',
    practitioner: 'ines-moreau',
  }
}

function bill(
  record: PatientRecord,
  visit: Visit,
  charges: readonly Charge[],
  calendar: Calendar,
  random: SeededRandom,
) {
  const first = record.person.problems[0]
  const diagnoses = first ? [conditionId(record.person, first)] : []
  const billed = chargeResources(record.person, visit, charges, diagnoses, calendar, random)
  record.resources.push(...billed.resources)
  record.payments.push(...billed.payments)
}

function encounterResource(person: Person, visit: Visit, calendar: Calendar): FhirResource {
  const { snomed, name } = visitWords[visit.kind]
  const problem = visit.kind === 'follow-up' ? person.problems[0] : undefined
  return {
    resourceType: 'Encounter',
    id: visit.id,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [concept('http://snomed.info/sct', snomed, name)],
    subject: reference('Patient', person.key),
    participant: [{ individual: reference('Practitioner', visit.practitioner) }],
    period: {
      start: calendar.at(visit.daysAgo, visit.hour, visit.minute),
      end: calendar.at(visit.daysAgo, visit.hour, visit.minute + (visit.kind === 'laboratory' ? 10 : 30)),
    },
    ...(problem ? { reasonCode: [{ text: problems[problem].name }] } : {}),
    location: [{ location: { display: 'Riverside Clinic, Chicago' } }],
    serviceProvider: reference('Organization', 'riverside-clinic', 'Riverside Clinic'),
  }
}

/** What is drawn at a visit: everything once a year for adults, what the problems ask for in between. */
function panelsFor(person: Person, visit: Visit, ageYears: number, random: SeededRandom): PanelKey[] {
  const wanted = new Set<PanelKey>(
    visit.kind === 'annual' && ageYears >= 18 ? ['metabolic', 'lipid', 'bloodCount'] : [],
  )
  if (visit.kind !== 'illness') {
    for (const key of person.problems) {
      const problem: Problem = problems[key satisfies ProblemKey]
      for (const panel of problem.panels ?? []) if (random.chance(0.65)) wanted.add(panel)
    }
  }
  return [...wanted]
}

/** Season's vaccines once a season, the others once; `given` remembers what the person has had. */
function vaccinesFor(
  visit: Visit,
  age: number,
  given: Set<string>,
  calendar: Calendar,
  random: SeededRandom,
): VaccineKey[] {
  if (visit.kind === 'illness') return []
  const month = Number(calendar.day(visit.daysAgo).slice(5, 7))
  const season = `${calendar.year(visit.daysAgo)}`
  const wanted: [key: VaccineKey, due: boolean, once: string][] = [
    ['influenza', month >= 9, `influenza ${season}`],
    ['covid', month >= 9 && age >= 5 && random.chance(0.5), `covid ${season}`],
    ['pneumococcal', age >= 65 && age < 67, 'pneumococcal'],
    ['shingles', age >= 50 && age < 53, 'shingles'],
    ['measles', age >= 4 && age < 7, 'measles'],
    ['varicella', age >= 4 && age < 7, 'varicella'],
    ['tetanus', age >= 11 && random.chance(0.08), 'tetanus'],
  ]
  const due = wanted.filter(([, isDue, once]) => isDue && !given.has(once))
  for (const [, , once] of due) given.add(once)
  return due.map(([key]) => key)
}

function immunizationResource(
  person: Person,
  visit: Visit,
  key: VaccineKey,
  calendar: Calendar,
  random: SeededRandom,
): FhirResource {
  const vaccine = vaccines[key]
  return {
    resourceType: 'Immunization',
    id: `${visit.id}-vaccine-${key}`,
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', vaccine.cvx, vaccine.name),
    patient: reference('Patient', person.key),
    encounter: reference('Encounter', visit.id),
    occurrenceDateTime: calendar.at(visit.daysAgo, visit.hour, visit.minute + 15),
    lotNumber: `${random.pick(['AK', 'FL', 'TR', 'PX'])}${random.between(1000, 9999)}`,
    site: { ...hl7Concept('v3-ActSite', 'LA'), text: 'Left upper arm' },
    performer: [{ actor: reference('Practitioner', 'nadia-osei', 'Nadia Osei') }],
  }
}
