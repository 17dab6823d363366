import { conceptCode, conceptText, loinc, readConcept } from './concept.ts'
import { deriveInterpretation, readInterpretation } from './interpretation.ts'
import { notesText } from './notes-text.ts'
import type { MapContext } from './map-context.ts'
import { readObservationValue } from './observation-value.ts'
import { startOf } from './partial-date.ts'
import { readReferenceRange } from './reference-range.ts'
import type { ObservationComponentValue, ObservationKind, ObservationRow } from './rows.ts'
import type { ObservationComponent, ObservationResource } from './schema/clinical.ts'
import type { Reference } from './schema/datatypes.ts'

const systolic = ['8480-6']
const diastolic = ['8462-4']

/**
 * FHIR Observation → phi.observation. `diagnosticReportId` is the report that names it as its result, which only the
 * report says. A blood pressure reads `128/76`; its parts stand in `components`.
 */
export function mapObservation(
  observation: ObservationResource,
  context: MapContext,
  diagnosticReportId: string | null = null,
): ObservationRow {
  const coded = readConcept(observation.code, [loinc])
  const components = (observation.component ?? []).map(mapComponent)
  const measured = measure(observation)
  const pressure = measured.value === null ? bloodPressure(components) : null
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(observation.encounter, 'Encounter'),
    diagnosticReportId,
    practitionerId: firstPractitioner(observation.performer, context),
    kind: kindOf(observation),
    status: observation.status,
    effectiveAt: startOf(
      observation.effectiveDateTime ?? observation.effectiveInstant ?? observation.effectivePeriod?.start,
    ),
    issuedAt: startOf(observation.issued),
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    ...measured,
    ...pressure,
    components: components.length > 0 ? components : null,
    method: conceptText(observation.method),
    performer: performerName(observation.performer, context),
    note: notesText(observation.note),
  }
}

function mapComponent(component: ObservationComponent): ObservationComponentValue {
  const coded = readConcept(component.code, [loinc])
  return {
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    ...measure(component),
  }
}

/** Value, range and flag together: the laboratory's own flag first, else what number and range say. */
function measure(source: Omit<ObservationComponent, 'code'>) {
  const value = readObservationValue(source)
  const range = readReferenceRange(source.referenceRange, value.unit)
  const derived =
    value.valueNumber === null
      ? null
      : deriveInterpretation(value.valueNumber, range.referenceLow, range.referenceHigh)
  return { ...value, interpretation: readInterpretation(source.interpretation) ?? derived, ...range }
}

function bloodPressure(
  components: readonly ObservationComponentValue[],
): { value: string; unit: string | null } | null {
  const upper = components.find((part) => systolic.includes(part.code ?? ''))
  const lower = components.find((part) => diastolic.includes(part.code ?? ''))
  if (typeof upper?.valueNumber !== 'number' || typeof lower?.valueNumber !== 'number') return null
  return { value: `${Math.round(upper.valueNumber)}/${Math.round(lower.valueNumber)}`, unit: upper.unit }
}

function kindOf(observation: ObservationResource): ObservationKind {
  const codes = (observation.category ?? []).map((category) => conceptCode(category)?.toLowerCase())
  if (codes.includes('laboratory') || codes.includes('lab')) return 'laboratory'
  return codes.includes('vital-signs') ? 'vital-signs' : 'other'
}

function firstPractitioner(performers: readonly Reference[] | undefined, context: MapContext): string | null {
  for (const performer of performers ?? []) {
    const found = context.rowId(performer, 'Practitioner')
    if (found) return found
  }
  return null
}

/** Who made the result, in words: the laboratory before a person. */
export function performerName(
  performers: readonly Reference[] | undefined,
  context: MapContext,
): string | null {
  for (const performer of performers ?? []) {
    const name = context.resource(performer, 'Organization')?.name?.trim() || performer.display?.trim()
    if (name) return name
  }
  return null
}
