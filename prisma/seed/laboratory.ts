import type { Calendar } from './calendar.ts'
import { problems } from './catalogue/conditions.ts'
import {
  laboratoryTests,
  panels,
  wordTests,
  type LaboratoryTest,
  type LaboratoryTestKey,
  type PanelKey,
  type WordTestKey,
} from './catalogue/laboratory-tests.ts'
import { hl7Concept, loinc, measured, reference, type FhirResource } from './fhir-json.ts'
import type { Person } from './person.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Visit } from './visits.ts'

const laboratoryCategory = hl7Concept('observation-category', 'laboratory')
const performer = [reference('Organization', 'riverside-lab', 'Riverside Lab')]

/** One person's usual values: what everybody's are, moved by who they are and what they have. */
export function usualValues(person: Person, random: SeededRandom): Record<LaboratoryTestKey, number> {
  const entries = Object.entries(laboratoryTests).map(([key, test]: [string, LaboratoryTest]) => {
    const moved = person.problems
      .map(
        (problem): number =>
          (problems[problem] as { shifts?: Partial<Record<string, number>> }).shifts?.[key] ?? 0,
      )
      .reduce((sum, shift) => sum + shift, 0)
    return [key, random.around(test.mean, test.between) + moved]
  })
  return Object.fromEntries(entries) as Record<LaboratoryTestKey, number>
}

export type PanelValues = Partial<Record<LaboratoryTestKey, number>>

/** The values of a panel on one day. */
export function drawPanel(
  panel: PanelKey,
  usual: Record<LaboratoryTestKey, number>,
  random: SeededRandom,
): PanelValues {
  const draw = (key: LaboratoryTestKey) => {
    const test: LaboratoryTest = laboratoryTests[key]
    const value = Math.max(random.around(usual[key], test.within), test.mean * 0.1)
    return [key, Number(value.toFixed(test.decimals))]
  }
  return Object.fromEntries(panels[panel].tests.map(draw)) as PanelValues
}

/** A panel as FHIR: its report and one observation a test, collected at the visit and issued in the afternoon. */
export function panelResources(
  person: Person,
  visit: Visit,
  panel: PanelKey,
  values: PanelValues,
  calendar: Calendar,
): FhirResource[] {
  const observations = panels[panel].tests.flatMap((key) => {
    const value = values[key]
    return value === undefined ? [] : [observation(person, visit, key, value, calendar)]
  })
  const { loinc: code, name } = panels[panel]
  return [...observations, report(person, visit, panel, { code, name }, observations, calendar)]
}

/** The id of one result, by which a correction finds it again. */
export function resultId(visit: Pick<Visit, 'id'>, key: LaboratoryTestKey | WordTestKey): string {
  return `${visit.id}-${key}`
}

export function wordTestResources(
  person: Person,
  visit: Visit,
  key: WordTestKey,
  unusual: boolean,
  calendar: Calendar,
): FhirResource[] {
  const test = wordTests[key]
  const result = {
    ...common(person, visit, calendar),
    id: resultId(visit, key),
    code: { coding: [{ system: loinc, code: test.loinc, display: test.name }], text: test.name },
    valueString: unusual ? test.unusual : test.usual,
    interpretation: [hl7Concept('v3-ObservationInterpretation', unusual ? 'A' : 'N')],
    referenceRange: [{ text: test.range }],
  }
  return [result, report(person, visit, key, { code: test.loinc, name: test.name }, [result], calendar)]
}

export function observation(
  person: Person,
  visit: Visit,
  key: LaboratoryTestKey,
  value: number,
  calendar: Calendar,
): FhirResource {
  const test: LaboratoryTest = laboratoryTests[key]
  const flag = flagOf(test, value)
  return {
    ...common(person, visit, calendar),
    id: resultId(visit, key),
    code: { coding: [{ system: loinc, code: test.loinc, display: test.name }], text: test.name },
    valueQuantity: measured(value, test.unit),
    ...(flag ? { interpretation: [hl7Concept('v3-ObservationInterpretation', flag)] } : {}),
    referenceRange: [rangeOf(test)],
  }
}

function common(person: Person, visit: Visit, calendar: Calendar) {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [laboratoryCategory],
    subject: reference('Patient', person.key),
    encounter: reference('Encounter', visit.id),
    effectiveDateTime: calendar.at(visit.daysAgo, visit.hour, visit.minute),
    issued: calendar.at(visit.daysAgo, 16, 40),
    performer,
  }
}

function report(
  person: Person,
  visit: Visit,
  key: string,
  test: { code: string; name: string },
  results: readonly FhirResource[],
  calendar: Calendar,
): FhirResource {
  return {
    resourceType: 'DiagnosticReport',
    id: `${visit.id}-${key}-report`,
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB', display: 'Laboratory' },
        ],
      },
    ],
    code: { coding: [{ system: loinc, code: test.code, display: test.name }], text: test.name },
    subject: reference('Patient', person.key),
    encounter: reference('Encounter', visit.id),
    effectiveDateTime: calendar.at(visit.daysAgo, visit.hour, visit.minute),
    issued: calendar.at(visit.daysAgo, 16, 40),
    performer,
    resultsInterpreter: [reference('Practitioner', visit.practitioner)],
    result: results.map((result) => reference('Observation', result.id)),
  }
}

/** The letter that the laboratory sends: critical first, then above or below, else normal. */
function flagOf(test: LaboratoryTest, value: number): string | null {
  if (test.criticalHigh !== undefined && value >= test.criticalHigh) return 'HH'
  if (test.criticalLow !== undefined && value <= test.criticalLow) return 'LL'
  if (test.highFrom !== undefined) return value >= test.highFrom ? 'H' : value < 5.7 ? 'N' : null
  if (test.high !== null && value > test.high) return 'H'
  return test.low !== null && value < test.low ? 'L' : 'N'
}

function rangeOf(test: LaboratoryTest) {
  if (test.rangeText) return { text: test.rangeText }
  return {
    ...(test.low === null ? {} : { low: measured(test.low, test.unit) }),
    ...(test.high === null ? {} : { high: measured(test.high, test.unit) }),
    type: hl7Concept('referencerange-meaning', 'normal'),
  }
}
