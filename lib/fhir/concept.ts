import type { CodeableConcept, Coding } from './schema/datatypes.ts'

/** A code as it is stored: whose code, the code, and the words that a person reads. */
export type CodedValue = { codeSystem: string | null; code: string | null; display: string }

export const loinc = 'http://loinc.org'
export const snomed = 'http://snomed.info/sct'
export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'
export const cvx = 'http://hl7.org/fhir/sid/cvx'
export const icd10 = 'http://hl7.org/fhir/sid/icd-10-cm'

/**
 * One code out of a concept that may carry several: the one a person chose, else the first of the preferred
 * systems, else the first. The words are the concept's own text before the code's.
 */
export function readConcept(
  concept: CodeableConcept | undefined,
  preferred: readonly string[] = [],
): CodedValue | null {
  if (!concept) return null
  const coding = pickCoding(concept.coding ?? [], preferred)
  const display = wordsOf(concept, coding)
  if (display === null) return null
  return { codeSystem: coding?.system ?? null, code: coding?.code ?? null, display }
}

/** The words of a concept alone. */
export function conceptText(concept: CodeableConcept | undefined): string | null {
  return readConcept(concept)?.display ?? null
}

/** The words of several concepts, one after the other. */
export function conceptTexts(concepts: readonly CodeableConcept[] | undefined): string | null {
  const texts = (concepts ?? []).map(conceptText).filter((text) => text !== null)
  return texts.length > 0 ? [...new Set(texts)].join('; ') : null
}

/** The first code of a concept in one of the systems, or of any system when none is named. */
export function conceptCode(
  concept: CodeableConcept | undefined,
  systems?: readonly string[],
): string | null {
  const codings = concept?.coding ?? []
  const found = systems
    ? codings.find((coding) => coding.system && systems.includes(coding.system))
    : codings[0]
  return found?.code ?? null
}

function pickCoding(codings: readonly Coding[], preferred: readonly string[]): Coding | undefined {
  const named = codings.filter((coding) => coding.code ?? coding.display)
  const chosen = named.find((coding) => coding.userSelected)
  if (chosen) return chosen
  for (const system of preferred) {
    const found = named.find((coding) => coding.system === system)
    if (found) return found
  }
  return named[0]
}

function wordsOf(concept: CodeableConcept, coding: Coding | undefined): string | null {
  const candidates = [
    concept.text,
    coding?.display,
    ...(concept.coding ?? []).map((one) => one.display),
    coding?.code,
  ]
  return candidates.map((text) => text?.trim()).find((text) => text !== undefined && text !== '') ?? null
}
