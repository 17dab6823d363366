import { conceptCode, conceptText, readConcept, rxnorm, snomed } from './concept.ts'
import { notesText } from './notes-text.ts'
import type { MapContext } from './map-context.ts'
import { startOf } from './partial-date.ts'
import type { AllergyIntoleranceRow } from './rows.ts'
import type { AllergyIntoleranceResource } from './schema/clinical.ts'

/** SNOMED CT codes that say "no known allergy (of this kind)": a recorded fact, unlike an empty list. */
const noKnownAllergy = new Set(['716186003', '409137002', '428607008', '429625007', '716220001', '428197003'])

/**
 * FHIR AllergyIntolerance → phi.allergy_intolerance.
 * `kind` is allergy, intolerance, or none-known for the recorded fact that there is none.
 */
export function mapAllergyIntolerance(
  allergy: AllergyIntoleranceResource,
  context: MapContext,
): AllergyIntoleranceRow {
  const coded = readConcept(allergy.code, [rxnorm, snomed])
  const noneKnown = allergy.code?.coding?.some((coding) => noKnownAllergy.has(coding.code ?? '')) ?? false
  return {
    id: context.id,
    patientId: context.patientId,
    clinicalStatus: conceptCode(allergy.clinicalStatus) ?? allergy.clinicalStatus?.text ?? null,
    verificationStatus: conceptCode(allergy.verificationStatus) ?? allergy.verificationStatus?.text ?? null,
    recordedAt: startOf(allergy.recordedDate ?? allergy.onsetDateTime),
    kind: noneKnown ? 'none-known' : (allergy.type ?? null),
    category: allergy.category?.join(', ') || null,
    criticality: allergy.criticality ?? null,
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    reactions: reactionsOf(allergy),
    note: notesText(allergy.note),
  }
}

/** `[{ manifestations, severity, substance, description, onset }]`, or null when none is recorded. */
function reactionsOf(allergy: AllergyIntoleranceResource): AllergyIntoleranceRow['reactions'] {
  if (!allergy.reaction || allergy.reaction.length === 0) return null
  return allergy.reaction.map((reaction) => ({
    manifestations: (reaction.manifestation ?? []).map(conceptText).filter((text) => text !== null),
    severity: reaction.severity ?? null,
    substance: conceptText(reaction.substance),
    description: reaction.description ?? null,
    onset: reaction.onset ?? null,
  }))
}
