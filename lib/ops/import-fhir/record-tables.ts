import 'server-only'
import type { RecordModelName } from '#lib/fhir/rows.ts'
import type { RecordClient } from '#lib/phi/types.ts'

/** Models in an order in which every row finds those that it points to. */
export const modelsInOrder: readonly RecordModelName[] = [
  'patient',
  'patientIdentifier',
  'patientContact',
  'coverage',
  'encounter',
  'condition',
  'allergyIntolerance',
  'medicationRequest',
  'immunization',
  'diagnosticReport',
  'observation',
  'procedure',
  'documentReference',
  'claim',
  'claimLine',
  'explanationOfBenefit',
  'payment',
]

/** The models that an import writes to. */
export type WrittenModel = RecordModelName | 'careRelationship'

export type StoredRow = {
  id: string
  sourceDigest: Uint8Array | null
  diagnosticReportId?: string | null
  value?: string | null
  unit?: string | null
  issuedAt?: Date | null
}

type Args = Readonly<Record<string, unknown>>
type Table = {
  findMany: (args: Args) => Promise<StoredRow[]>
  createMany: (args: Args) => Promise<unknown>
  update: (args: Args) => Promise<unknown>
}

/**
 * A model's delegate for rows of any model. Prisma's types differ by model and know ciphertext columns as text; the
 * door's client takes their values as lib/fhir/rows.ts has them, so the rows are checked there and not here.
 */
export function tableOf(record: RecordClient, model: WrittenModel): Table {
  return record[model] as unknown as Table
}
