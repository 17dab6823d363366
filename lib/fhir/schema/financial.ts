import { z } from 'zod'
import {
  codeableConcept,
  date,
  dateTime,
  identifier,
  money,
  period,
  quantity,
  reference,
  text,
} from './datatypes.ts'
import { base } from './resource-base.ts'

const status = z.enum(['active', 'cancelled', 'draft', 'entered-in-error'])
const sequences = z.array(z.int()).optional()

const diagnosis = z.object({
  sequence: z.int().optional(),
  diagnosisCodeableConcept: codeableConcept.optional(),
  diagnosisReference: reference.optional(),
})

const claimItem = z.object({
  sequence: z.int().optional(),
  procedureSequence: sequences,
  informationSequence: sequences,
  diagnosisSequence: sequences,
  category: codeableConcept.optional(),
  productOrService: codeableConcept.optional(),
  modifier: z.array(codeableConcept).optional(),
  servicedDate: date.optional(),
  servicedPeriod: period.optional(),
  quantity: quantity.optional(),
  unitPrice: money.optional(),
  net: money.optional(),
  encounter: z.array(reference).optional(),
})

export const claimSchema = z.object({
  resourceType: z.literal('Claim'),
  ...base,
  identifier: z.array(identifier).optional(),
  status,
  type: codeableConcept.optional(),
  use: z.enum(['claim', 'preauthorization', 'predetermination']).optional(),
  patient: reference,
  billablePeriod: period.optional(),
  created: dateTime.optional(),
  insurer: reference.optional(),
  provider: reference.optional(),
  prescription: reference.optional(),
  supportingInfo: z
    .array(z.object({ sequence: z.int().optional(), valueReference: reference.optional() }))
    .optional(),
  diagnosis: z.array(diagnosis).optional(),
  procedure: z
    .array(
      z.object({
        sequence: z.int().optional(),
        procedureReference: reference.optional(),
        procedureCodeableConcept: codeableConcept.optional(),
      }),
    )
    .optional(),
  insurance: z.array(z.object({ focal: z.boolean().optional(), coverage: reference.optional() })).optional(),
  item: z.array(claimItem).optional(),
  total: money.optional(),
})

const adjudication = z.object({
  category: codeableConcept.optional(),
  amount: money.optional(),
  value: z.number().optional(),
})

export const explanationOfBenefitSchema = z.object({
  resourceType: z.literal('ExplanationOfBenefit'),
  ...base,
  identifier: z.array(identifier).optional(),
  status,
  type: codeableConcept.optional(),
  use: text.optional(),
  patient: reference,
  billablePeriod: period.optional(),
  created: dateTime.optional(),
  insurer: reference.optional(),
  claim: reference.optional(),
  outcome: z.enum(['queued', 'complete', 'error', 'partial']).optional(),
  disposition: text.optional(),
  insurance: z.array(z.object({ focal: z.boolean().optional(), coverage: reference.optional() })).optional(),
  item: z
    .array(z.object({ net: money.optional(), adjudication: z.array(adjudication).optional() }))
    .optional(),
  adjudication: z.array(adjudication).optional(),
  total: z.array(z.object({ category: codeableConcept.optional(), amount: money.optional() })).optional(),
  payment: z
    .object({
      type: codeableConcept.optional(),
      date: date.optional(),
      amount: money.optional(),
      identifier: identifier.optional(),
    })
    .optional(),
})

export type ClaimResource = z.infer<typeof claimSchema>
export type ClaimItem = NonNullable<ClaimResource['item']>[number]
export type ExplanationOfBenefitResource = z.infer<typeof explanationOfBenefitSchema>
