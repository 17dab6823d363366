import { z } from 'zod'
import { codeableConcept, humanName, identifier, reference, text } from './datatypes.ts'
import { base } from './resource-base.ts'

export const practitionerSchema = z.object({
  resourceType: z.literal('Practitioner'),
  ...base,
  identifier: z.array(identifier).optional(),
  name: z.array(humanName).optional(),
  qualification: z.array(z.object({ code: codeableConcept.optional() })).optional(),
})

export const practitionerRoleSchema = z.object({
  resourceType: z.literal('PractitionerRole'),
  ...base,
  identifier: z.array(identifier).optional(),
  active: z.boolean().optional(),
  practitioner: reference.optional(),
  organization: reference.optional(),
  code: z.array(codeableConcept).optional(),
  specialty: z.array(codeableConcept).optional(),
})

export const organizationSchema = z.object({
  resourceType: z.literal('Organization'),
  ...base,
  identifier: z.array(identifier).optional(),
  name: text.optional(),
  alias: z.array(text.nullable()).optional(),
})

/** Read only for the requests that point to it. */
export const medicationSchema = z.object({
  resourceType: z.literal('Medication'),
  ...base,
  identifier: z.array(identifier).optional(),
  code: codeableConcept.optional(),
})

export type PractitionerResource = z.infer<typeof practitionerSchema>
export type PractitionerRoleResource = z.infer<typeof practitionerRoleSchema>
export type OrganizationResource = z.infer<typeof organizationSchema>
