import { conceptTexts } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { currentName, nameText } from './person-name.ts'
import type { Json, PatientContactRow } from './rows.ts'
import type { Address, ContactPoint } from './schema/datatypes.ts'
import type { PatientResource, RelatedPersonResource } from './schema/patient.ts'

/** Patient.telecom, .address and .contact → phi.patient_contact. Ways that are no longer in use are left out. */
export function mapPatientContacts(patient: PatientResource, context: MapContext): PatientContactRow[] {
  const rows = [...reachRows(patient.telecom, patient.address, 'patient', context)]
  for (const [index, person] of (patient.contact ?? []).entries()) {
    const personName = nameText(person.name)
    const relationship = conceptTexts(person.relationship)
    rows.push(
      ...personRows(personName, relationship, person.telecom, person.address, `contact[${index}]`, context),
    )
  }
  return rows
}

/** RelatedPerson → phi.patient_contact, as one of the patient's people. */
export function mapRelatedPerson(person: RelatedPersonResource, context: MapContext): PatientContactRow[] {
  if (person.active === false) return []
  const personName = nameText(currentName(person.name))
  return personRows(
    personName,
    conceptTexts(person.relationship),
    person.telecom,
    person.address?.[0],
    'person',
    context,
  )
}

/** One row that says who it is, carrying the first telephone, and one for each further way to reach the person. */
function personRows(
  personName: string | null,
  relationship: string | null,
  telecom: readonly ContactPoint[] | undefined,
  address: Address | undefined,
  part: string,
  context: MapContext,
): PatientContactRow[] {
  const inUse = currentContactPoints(telecom)
  const first = inUse.find((point) => point.system === 'phone') ?? inUse[0]
  if (!personName && !relationship && !first) return []
  const person: PatientContactRow = {
    ...empty(context, part),
    kind: 'person',
    use: first?.use ?? null,
    value: first?.value?.trim() ?? null,
    address: address ? addressJson(address) : null,
    personName,
    relationship,
  }
  const others = inUse.filter((point) => point !== first)
  return [
    person,
    ...others.map((point, index) => ({
      ...contactPointRow(point, `${part}.telecom[${index}]`, context),
      personName,
      relationship,
    })),
  ]
}

function reachRows(
  telecom: readonly ContactPoint[] | undefined,
  addresses: readonly Address[] | undefined,
  part: string,
  context: MapContext,
): PatientContactRow[] {
  const points = currentContactPoints(telecom).map((point, index) =>
    contactPointRow(point, `${part}.telecom[${index}]`, context),
  )
  const places = (addresses ?? [])
    .filter((address) => address.use !== 'old' && !address.period?.end)
    .map((address, index) => ({
      ...empty(context, `${part}.address[${index}]`),
      kind: 'address',
      use: address.use ?? null,
      address: addressJson(address),
    }))
  return [...points, ...places]
}

function currentContactPoints(telecom: readonly ContactPoint[] | undefined): ContactPoint[] {
  return (telecom ?? []).filter((point) => point.value?.trim() && point.use !== 'old' && !point.period?.end)
}

function contactPointRow(point: ContactPoint, part: string, context: MapContext): PatientContactRow {
  return {
    ...empty(context, part),
    kind: point.system ?? 'other',
    use: point.use ?? null,
    rank: point.rank ?? null,
    value: point.value?.trim() ?? null,
  }
}

function empty(context: MapContext, part: string): PatientContactRow {
  return {
    id: context.partId(part),
    patientId: context.patientId,
    kind: 'other',
    use: null,
    rank: null,
    value: null,
    address: null,
    personName: null,
    relationship: null,
  }
}

/** `{ lines, city, district, state, postalCode, country }`; an address that is only one text is its own line. */
function addressJson(address: Address): Json {
  return {
    lines: address.line && address.line.length > 0 ? address.line : address.text ? [address.text] : [],
    city: address.city ?? null,
    district: address.district ?? null,
    state: address.state ?? null,
    postalCode: address.postalCode ?? null,
    country: address.country ?? null,
  }
}
