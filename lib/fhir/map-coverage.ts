import { conceptText } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { currentName, nameText } from './person-name.ts'
import { dayOf } from './partial-date.ts'
import type { CoverageRow } from './rows.ts'
import type { Reference } from './schema/datatypes.ts'
import type { CoverageResource } from './schema/patient.ts'

/** FHIR Coverage → phi.coverage. */
export function mapCoverage(coverage: CoverageResource, context: MapContext): CoverageRow {
  const member = coverage.identifier?.find((one) => one.type?.coding?.some((coding) => coding.code === 'MB'))
  return {
    id: context.id,
    patientId: context.patientId,
    status: coverage.status ?? 'unknown',
    startsOn: utcDay(coverage.period?.start),
    endsOn: utcDay(coverage.period?.end),
    payerName: payerName(coverage.payor, context),
    planName: classOf(coverage, 'plan')?.name ?? classOf(coverage, 'plan')?.value ?? null,
    memberId: member?.value ?? coverage.subscriberId ?? coverage.identifier?.[0]?.value ?? null,
    groupNumber: classOf(coverage, 'group')?.value ?? null,
    kind: conceptText(coverage.type),
    relationship: conceptText(coverage.relationship),
    subscriberName: subscriberName(coverage.subscriber, context),
  }
}

/** The insurer's name: the organisation's own before the words of the reference. */
export function payerName(payors: readonly Reference[] | undefined, context: MapContext): string | null {
  const first = payors?.[0]
  return context.resource(first, 'Organization')?.name?.trim() || first?.display?.trim() || null
}

function classOf(coverage: CoverageResource, kind: string) {
  return coverage.class?.find((one) => one.type?.coding?.some((coding) => coding.code === kind))
}

function subscriberName(subscriber: Reference | undefined, context: MapContext): string | null {
  const person = context.resource(subscriber, 'Patient') ?? context.resource(subscriber, 'RelatedPerson')
  return nameText(currentName(person?.name)) ?? subscriber?.display ?? null
}

function utcDay(text: string | undefined): Date | null {
  const day = dayOf(text)
  return day ? new Date(`${day}T00:00:00Z`) : null
}
