import type { Calendar } from './calendar.ts'
import { allergies } from './catalogue/allergies.ts'
import { problems } from './catalogue/conditions.ts'
import { insurers } from './catalogue/insurers.ts'
import { medications, type Medication, type MedicationKey } from './catalogue/medications.ts'
import { concept, hl7Concept, reference, snomed, type FhirResource } from './fhir-json.ts'
import type { Person } from './person.ts'
import type { SeededRandom } from './seeded-random.ts'

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition'
const hl7 = 'http://hl7.org/fhir/StructureDefinition'
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'

/** The person as FHIR Patient and Coverage. Telephone numbers and social security numbers are of ranges kept for fiction. */
export function identityResources(person: Person, calendar: Calendar, random: SeededRandom): FhirResource[] {
  const insurer = insurers[person.insurer]
  return [
    {
      resourceType: 'Patient',
      id: person.key,
      extension: extensionsOf(person),
      identifier: [
        { use: 'usual', type: hl7Concept('v2-0203', 'MR'), system: 'https://riverside.example/mrn', value: `RC-${random.between(100_000, 999_999)}` },
        { type: hl7Concept('v2-0203', 'SS'), system: 'http://hl7.org/fhir/sid/us-ssn', value: `9${random.between(10, 99)}-${random.between(10, 99)}-${random.between(1000, 9999)}` },
      ],
      active: true,
      name: [
        { use: 'official', family: person.family, given: person.given, ...(person.prefix ? { prefix: [person.prefix] } : {}) },
        ...(person.nickname ? [{ use: 'nickname', given: [person.nickname] }] : []),
      ],
      telecom: [
        { system: 'phone', use: 'mobile', rank: 1, value: `(312) 555-01${random.between(10, 99)}` },
        { system: 'email', value: `${person.key}@mail.example` },
      ],
      gender: person.gender,
      birthDate: person.birthDate,
      ...(person.deceasedDaysAgo === undefined ? {} : { deceasedDateTime: calendar.at(person.deceasedDaysAgo, 5, 20) }),
      address: [addressOf(random)],
      ...(person.marital ? { maritalStatus: { text: person.marital } } : {}),
      communication: [{ language: { text: person.language ?? 'English' }, preferred: true }],
      ...(person.contact
        ? {
            contact: [
              {
                relationship: [{ text: person.contact.relationship }],
                name: { text: person.contact.name },
                telecom: [{ system: 'phone', value: person.contact.phone }],
              },
            ],
          }
        : {}),
    },
    {
      resourceType: 'Coverage',
      id: `${person.key}-coverage`,
      status: 'active',
      type: { text: insurer.kind },
      subscriberId: `${insurer.name.slice(0, 2).toUpperCase()}${random.between(10_000_000, 99_999_999)}`,
      beneficiary: reference('Patient', person.key),
      relationship: { text: 'Self' },
      period: { start: `${calendar.year(0) - random.between(1, 4)}-01-01` },
      payor: [{ display: insurer.name }],
      class: [
        { type: hl7Concept('coverage-class', 'plan'), value: insurer.plan, name: insurer.plan },
        { type: hl7Concept('coverage-class', 'group'), value: `G-${random.between(1000, 9999)}` },
      ],
    },
  ] // prettier-ignore
}

/** Problems, allergies and medicines of the list. */
export function historyResources(person: Person, calendar: Calendar, random: SeededRandom): FhirResource[] {
  const subject = reference('Patient', person.key)
  const conditions = person.problems.map((key): FhirResource => {
    const problem = problems[key]
    const onsetDaysAgo = random.between(700, 2900)
    return {
      resourceType: 'Condition',
      id: conditionId(person, key),
      clinicalStatus: hl7Concept('condition-clinical', 'active'),
      verificationStatus: hl7Concept('condition-ver-status', 'confirmed'),
      category: [hl7Concept('condition-category', 'problem-list-item')],
      code: {
        coding: [
          { system: snomed, code: problem.snomed, display: problem.name },
          { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: problem.icd10 },
        ],
        text: problem.name,
      },
      subject,
      onsetDateTime: calendar.day(onsetDaysAgo).slice(0, random.pick([4, 7, 10])),
      recordedDate: calendar.day(Math.max(30, onsetDaysAgo - 10)),
    }
  })
  const known = person.allergies.map((key): FhirResource => {
    const allergy = allergies[key]
    return {
      resourceType: 'AllergyIntolerance',
      id: `${person.key}-allergy-${key}`,
      clinicalStatus: hl7Concept('allergyintolerance-clinical', 'active'),
      verificationStatus: hl7Concept('allergyintolerance-verification', 'confirmed'),
      ...(allergy.category ? { type: 'allergy', category: [allergy.category] } : {}),
      ...(allergy.criticality ? { criticality: allergy.criticality } : {}),
      code: concept(snomed, allergy.snomed, allergy.name),
      patient: subject,
      recordedDate: calendar.day(random.between(900, 1800)),
      ...(allergy.reaction
        ? {
            reaction: [
              {
                manifestation: [concept(snomed, allergy.reaction.snomed, allergy.reaction.name)],
                severity: allergy.reaction.severity,
              },
            ],
          }
        : {}),
    }
  })
  return [...conditions, ...known]
}

export function conditionId(person: Person, problem: string): string {
  return `${person.key}-problem-${problem}`
}

/** Prescriptions for the person's problems. A medicine for two problems is prescribed once. */
export function prescriptionResources(
  person: Person,
  calendar: Calendar,
  random: SeededRandom,
  practitioner: string,
): FhirResource[] {
  const wanted = new Map<MedicationKey, string>()
  for (const key of person.problems) {
    const problem: { name: string; medications?: readonly MedicationKey[] } = problems[key]
    for (const medication of problem.medications ?? [])
      if (!wanted.has(medication)) wanted.set(medication, problem.name)
  }
  return [...wanted].map(([key, reason]) => {
    const medication: Medication = medications[key]
    // Maria's metformin has run out of refills: the story of a refill request begins there.
    const refills = person.key === 'maria-reyes' && key === 'metformin' ? 0 : random.between(1, 3)
    return {
      resourceType: 'MedicationRequest',
      id: `${person.key}-medicine-${key}`,
      status: person.deceasedDaysAgo === undefined ? 'active' : 'stopped',
      intent: 'order',
      medicationCodeableConcept: medication.rxnorm
        ? concept(rxnorm, medication.rxnorm, medication.name)
        : { text: medication.name },
      subject: reference('Patient', person.key),
      authoredOn: calendar.at((person.deceasedDaysAgo ?? 0) + random.between(30, 300), 10, 12),
      requester: reference('Practitioner', practitioner),
      reasonCode: [{ text: reason }],
      dosageInstruction: [{ text: medication.dosage }],
      dispenseRequest: {
        numberOfRepeatsAllowed: refills,
        quantity: { value: medication.quantity, unit: medication.unit },
      },
    }
  })
}

function extensionsOf(person: Person) {
  const words = (url: string, text: string) => ({ url, extension: [{ url: 'text', valueString: text }] })
  const value = (url: string, text: string) => ({
    url,
    extension: [{ url: 'value', valueCodeableConcept: { text } }],
  })
  return [
    words(`${usCore}/us-core-race`, person.race),
    words(`${usCore}/us-core-ethnicity`, person.ethnicity),
    ...(person.genderIdentity ? [value(`${hl7}/individual-genderIdentity`, person.genderIdentity)] : []),
    ...(person.pronouns ? [value(`${hl7}/individual-pronouns`, person.pronouns)] : []),
  ]
}

function addressOf(random: SeededRandom) {
  const street = random.pick([
    'Harbor Street',
    'Linden Avenue',
    'Canal Road',
    'Prairie Lane',
    'Mill Street',
    'Orchard Court',
  ])
  return {
    use: 'home',
    line: [`${random.between(11, 980)} ${street}`],
    city: 'Chicago',
    state: 'IL',
    postalCode: `606${random.between(10, 61)}`,
    country: 'US',
  }
}
