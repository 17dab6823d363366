/** Pieces of FHIR R4 JSON, as short as they can be said. What is made of them is checked by the importer like any file. */
export type FhirJson = { readonly [key: string]: unknown }
export type FhirResource = FhirJson & { readonly resourceType: string; readonly id: string }

export const loinc = 'http://loinc.org'
export const snomed = 'http://snomed.info/sct'
export const cpt = 'http://www.ama-assn.org/go/cpt'
const terminology = 'http://terminology.hl7.org/CodeSystem'

/** The FHIR source that all demo records name as theirs. */
export const demoSource = 'riverside-clinic'

export const concept = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
})
export const hl7Concept = (system: string, code: string) => ({
  coding: [{ system: `${terminology}/${system}`, code }],
})
export const reference = (type: string, id: string, display?: string) => ({
  reference: `${type}/${id}`,
  ...(display ? { display } : {}),
})
export const dollars = (value: number) => ({ value, currency: 'USD' })
/** How the laboratory prints a unit whose UCUM code people do not write; an empty text is a number without a unit. */
const printedUnit = new Map([
  ['10*3/uL', '10³/µL'],
  ['mL/min/{1.73_m2}', 'mL/min/1.73 m²'],
  ['m[IU]/L', 'mIU/L'],
  ['{INR}', ''],
])

/** A quantity with its unit by UCUM. */
export const measured = (value: number, unit: string) => {
  const printed = printedUnit.get(unit) ?? unit
  return {
    value,
    ...(printed === '' ? {} : { unit: printed, system: 'http://unitsofmeasure.org', code: unit }),
  }
}

/** Whole cents, so that sums of prices are prices. */
export const cents = (value: number) => Math.round(value * 100) / 100

export const collection = (resources: readonly FhirResource[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
