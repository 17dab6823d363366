import 'server-only'

import type { PrismaClient } from '#lib/db/generated/client.ts'

/** The operations that the door knows how to make safe. Whatever Prisma may add later is refused until somebody has thought about it. */
export const operations = [
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'count',
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'delete',
  'deleteMany',
] as const
export type Operation = (typeof operations)[number]

/** Models that a unit of work may name: the record itself, and the two plain directories that its rows point to. */
export const recordModels = [
  'patient',
  'patientIdentifier',
  'patientContact',
  'coverage',
  'careRelationship',
  'recordGrant',
  'encounter',
  'condition',
  'allergyIntolerance',
  'medicationRequest',
  'immunization',
  'diagnosticReport',
  'observation',
  'procedure',
  'note',
  'noteVersion',
  'documentReference',
  'claim',
  'claimLine',
  'explanationOfBenefit',
  'payment',
  'concern',
  'concernNote',
  'disclosure',
  'disclosureSuspension',
  'accountingRequest',
  'practitioner',
  'organization',
] as const satisfies readonly (keyof PrismaClient)[]
export type RecordModel = (typeof recordModels)[number]

/**
 * What `work` gets: Prisma's model delegates with the operations above and nothing else: no `$` method leads
 * back to a client without encryption, and no raw SQL.
 */
export type RecordClient = {
  readonly [M in RecordModel]: Pick<PrismaClient[M], Operation>
}
