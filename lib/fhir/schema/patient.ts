import { z } from 'zod'
import {
  address,
  code,
  codeableConcept,
  contactPoint,
  date,
  dateTime,
  extension,
  humanName,
  identifier,
  reference,
} from './datatypes.ts'
import { base } from './resource-base.ts'

const gender = z.enum(['male', 'female', 'other', 'unknown'])

export const patientSchema = z.object({
  resourceType: z.literal('Patient'),
  ...base,
  extension: z.array(extension).optional(),
  identifier: z.array(identifier).optional(),
  active: z.boolean().optional(),
  name: z.array(humanName).optional(),
  telecom: z.array(contactPoint).optional(),
  gender: gender.optional(),
  birthDate: date.optional(),
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: dateTime.optional(),
  address: z.array(address).optional(),
  maritalStatus: codeableConcept.optional(),
  communication: z
    .array(z.object({ language: codeableConcept.optional(), preferred: z.boolean().optional() }))
    .optional(),
  contact: z
    .array(
      z.object({
        relationship: z.array(codeableConcept).optional(),
        name: humanName.optional(),
        telecom: z.array(contactPoint).optional(),
        address: address.optional(),
      }),
    )
    .optional(),
})

export const relatedPersonSchema = z.object({
  resourceType: z.literal('RelatedPerson'),
  ...base,
  active: z.boolean().optional(),
  patient: reference,
  relationship: z.array(codeableConcept).optional(),
  name: z.array(humanName).optional(),
  telecom: z.array(contactPoint).optional(),
  address: z.array(address).optional(),
})

export const coverageSchema = z.object({
  resourceType: z.literal('Coverage'),
  ...base,
  identifier: z.array(identifier).optional(),
  status: code.optional(),
  type: codeableConcept.optional(),
  subscriber: reference.optional(),
  subscriberId: z.string().optional(),
  beneficiary: reference,
  relationship: codeableConcept.optional(),
  period: z.object({ start: dateTime.optional(), end: dateTime.optional() }).optional(),
  payor: z.array(reference).optional(),
  class: z
    .array(
      z.object({
        type: codeableConcept.optional(),
        value: z.string().optional(),
        name: z.string().optional(),
      }),
    )
    .optional(),
})

export type PatientResource = z.infer<typeof patientSchema>
export type RelatedPersonResource = z.infer<typeof relatedPersonSchema>
export type CoverageResource = z.infer<typeof coverageSchema>
