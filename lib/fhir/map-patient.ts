import { conceptText } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { currentName } from './person-name.ts'
import { readPartialDate } from './partial-date.ts'
import type { PatientRow } from './rows.ts'
import type { CodeableConcept, Extension, HumanName } from './schema/datatypes.ts'
import type { PatientResource } from './schema/patient.ts'
import { identifierKind } from './map-patient-identifiers.ts'

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition'
const hl7 = 'http://hl7.org/fhir/StructureDefinition'

/**
 * FHIR Patient → phi.patient. Race, ethnicity, birth sex, gender identity and pronouns come from the US Core and HL7
 * extensions. A birth date of which only year or month is known is left empty: the column holds a day or nothing.
 */
export function mapPatient(patient: PatientResource, context: MapContext): PatientRow {
  const name = currentName(patient.name)
  const ssn = socialSecurityNumber(patient)
  return {
    id: context.id,
    active: patient.active ?? true,
    mrn: medicalRecordNumber(patient),
    familyName: name?.family?.trim() || name?.text?.trim() || name?.given?.join(' ') || 'Name not recorded',
    givenName: name?.family?.trim() ? joined(name.given) : null,
    preferredName: preferredName(patient.name, name),
    namePrefix: joined(name?.prefix),
    nameSuffix: joined(name?.suffix),
    birthDate: wholeDay(patient.birthDate),
    sex: patient.gender ?? sexExtension(patient.extension),
    genderIdentity: extensionText(patient.extension, [
      `${usCore}/us-core-genderIdentity`,
      `${hl7}/individual-genderIdentity`,
      `${hl7}/patient-genderIdentity`,
    ]),
    pronouns: extensionText(patient.extension, [`${hl7}/individual-pronouns`]),
    ssn,
    ssnLastFour: ssn ? ssn.replace(/\D/g, '').slice(-4) : null,
    maritalStatus: conceptText(patient.maritalStatus),
    language: preferredLanguage(patient),
    race: extensionText(patient.extension, [`${usCore}/us-core-race`]),
    ethnicity: extensionText(patient.extension, [`${usCore}/us-core-ethnicity`]),
    deceasedAt: patient.deceasedDateTime ?? (patient.deceasedBoolean ? 'date not recorded' : null),
  }
}

function joined(parts: readonly string[] | undefined): string | null {
  return parts?.filter((part) => part.trim()).join(' ') || null
}

/** What the person wants to be called, when the record says so apart from the name it is kept under. */
function preferredName(names: readonly HumanName[] | undefined, current: HumanName | null): string | null {
  const nickname = names?.find((name) => name.use === 'nickname' && name !== current && !name.period?.end)
  const words = joined(nickname?.given) ?? nickname?.text?.trim()
  return words || null
}

function wholeDay(date: string | undefined): string | null {
  return date && readPartialDate(date)?.precision === 'day' ? date : null
}

function medicalRecordNumber(patient: PatientResource): string | null {
  const numbers = (patient.identifier ?? []).filter(
    (one) => identifierKind(one) === 'MR' && one.use !== 'old',
  )
  const preferred = numbers.find((one) => one.use === 'official' || one.use === 'usual') ?? numbers[0]
  return preferred?.value?.trim() || null
}

function socialSecurityNumber(patient: PatientResource): string | null {
  const found = patient.identifier?.find((one) => identifierKind(one) === 'SS' && one.use !== 'old')
  return found?.value?.trim() || null
}

function preferredLanguage(patient: PatientResource): string | null {
  const spoken = patient.communication ?? []
  return conceptText((spoken.find((one) => one.preferred) ?? spoken[0])?.language)
}

/** US Core's sex of an individual (SNOMED CT since version 8, a letter before that). */
function sexExtension(extensions: readonly Extension[] | undefined): string | null {
  const urls = [`${usCore}/us-core-individual-sex`, `${usCore}/us-core-sex`, `${usCore}/us-core-birthsex`]
  for (const found of extensions?.filter((one) => one.url && urls.includes(one.url)) ?? []) {
    const code = found.valueCoding?.code ?? found.valueCode
    if (code === 'F' || code === '248152002') return 'female'
    if (code === 'M' || code === '248153007') return 'male'
  }
  return null
}

/** The words of the first extension of these; of a complex one its `text`, else its `value`, else its categories. */
function extensionText(extensions: readonly Extension[] | undefined, urls: readonly string[]): string | null {
  const found = extensions?.find((one) => one.url !== undefined && urls.includes(one.url))
  if (!found) return null
  const parts = found.extension ?? []
  const words = (part: Extension | (typeof parts)[number]): string | null =>
    part.valueString?.trim() ||
    conceptText(part.valueCodeableConcept as CodeableConcept | undefined) ||
    part.valueCoding?.display ||
    part.valueCoding?.code ||
    part.valueCode ||
    null
  const text = parts.find((part) => part.url === 'text') ?? parts.find((part) => part.url === 'value')
  if (text) return words(text)
  const categories = parts.filter((part) => part.url === 'ombCategory' || part.url === 'detailed').map(words)
  return categories.filter((one) => one !== null).join(', ') || words(found)
}
