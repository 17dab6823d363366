import { conceptText, conceptTexts, readConcept, snomed } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { startOf } from './partial-date.ts'
import type { EncounterRow } from './rows.ts'
import type { EncounterResource } from './schema/clinical.ts'

/** HL7 v3 ActEncounterCode in words. */
const kindOfClass = new Map([
  ['AMB', 'Office visit'],
  ['EMER', 'Emergency visit'],
  ['IMP', 'Hospital stay'],
  ['ACUTE', 'Hospital stay'],
  ['NONAC', 'Hospital stay'],
  ['OBSENC', 'Hospital observation'],
  ['SS', 'Short stay'],
  ['PRENC', 'Pre-admission'],
  ['HH', 'Home visit'],
  ['FLD', 'Field visit'],
  ['VR', 'Telehealth visit'],
])

/** FHIR Encounter → phi.encounter. */
export function mapEncounter(encounter: EncounterResource, context: MapContext): EncounterRow {
  const type = readConcept(encounter.type?.[0], [snomed])
  return {
    id: context.id,
    patientId: context.patientId,
    status: encounter.status,
    startedAt: startOf(encounter.period?.start),
    endedAt: startOf(encounter.period?.end),
    practitionerId: practitionerOf(encounter, context),
    organizationId: context.rowId(encounter.serviceProvider, 'Organization'),
    kind: encounterKind(encounter),
    code: type?.code ?? null,
    display: type?.display ?? null,
    reason: reasonOf(encounter, context),
    location: locationOf(encounter, context),
  }
}

/** The kind of a visit in words that name no disease, or null when the source says nothing. */
export function encounterKind(encounter: EncounterResource | null): string | null {
  const given = encounter?.class
  if (!given) return null
  return kindOfClass.get(given.code?.toUpperCase() ?? '') ?? given.display?.trim() ?? null
}

function practitionerOf(encounter: EncounterResource, context: MapContext): string | null {
  const participants = encounter.participant ?? []
  const primary = participants.find((one) =>
    one.type?.some((type) => type.coding?.some((coding) => coding.code === 'PPRF')),
  )
  for (const participant of primary ? [primary, ...participants] : participants) {
    const found = context.rowId(participant.individual, 'Practitioner')
    if (found) return found
  }
  return null
}

function reasonOf(encounter: EncounterResource, context: MapContext): string | null {
  const stated = conceptTexts(encounter.reasonCode)
  if (stated) return stated
  const referred = (encounter.reasonReference ?? []).map(
    (reference) =>
      conceptText(context.resource(reference, 'Condition')?.code) ?? reference.display?.trim() ?? null,
  )
  return referred.filter((text) => text !== null).join('; ') || null
}

function locationOf(encounter: EncounterResource, context: MapContext): string | null {
  const named = encounter.location?.map((one) => one.location.display?.trim()).find((name) => name)
  if (named) return named
  const provider = encounter.serviceProvider
  return context.resource(provider, 'Organization')?.name?.trim() || provider?.display?.trim() || null
}
