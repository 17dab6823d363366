import { z } from 'zod'
import { readPartialDate } from '#lib/fhir/partial-date.ts'

/**
 * The FHIR R4 data types (hl7.org/fhir/R4/datatypes.html), as far as Vigil reads them. Elements that nobody reads are
 * not checked and dropped by parsing; what is read has exactly the type that it is read with.
 */

/** The JSON form of a list of primitives has null where only an extension was given (R4 §2.6.2). */
const primitives = <T extends z.ZodType>(item: T) =>
  z
    .array(item.nullable())
    .transform((items) => items.filter((one): one is NonNullable<typeof one> => one !== null))

/** PostgreSQL holds no NUL, and UTF-8 no half of a surrogate pair; R4 allows neither in a string. */
export const text = z
  .string()
  .refine(
    (value) => value.isWellFormed() && !value.includes('\u0000'),
    'holds a character that no text may hold',
  )
export const texts = primitives(text)
export const code = text.regex(/^[^\s]+(\s[^\s]+)*$/, 'is not a FHIR code')
export const dateTime = z.string().refine((value) => readPartialDate(value) !== null, 'is not a FHIR date')
export const date = z
  .string()
  .refine((value) => !value.includes('T') && readPartialDate(value) !== null, 'is not a FHIR date')
export const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/, 'is not a FHIR time')
/** Content of a document; 16 MiB is what one encrypted cell holds (lib/crypto/cell-value.ts). */
export const base64 = z
  .string()
  .regex(/^[\sA-Za-z0-9+/]*={0,2}\s*$/, 'is not base64')
  .refine((value) => value.length <= (16 * 1024 * 1024 * 4) / 3, 'is more than 16 MiB of content')
export const positiveInteger = z.int().positive()

export const coding = z.object({
  system: text.optional(),
  code: text.optional(),
  display: text.optional(),
  userSelected: z.boolean().optional(),
})
export const codeableConcept = z.object({ coding: z.array(coding).optional(), text: text.optional() })
export const period = z.object({ start: dateTime.optional(), end: dateTime.optional() })
export const identifier = z.object({
  use: code.optional(),
  type: codeableConcept.optional(),
  system: text.optional(),
  value: text.optional(),
  period: period.optional(),
})
export const reference = z.object({
  reference: text.optional(),
  type: text.optional(),
  identifier: identifier.optional(),
  display: text.optional(),
})
export const quantity = z.object({
  value: z.number().optional(),
  comparator: z.enum(['<', '<=', '>=', '>', 'ad']).optional(),
  unit: text.optional(),
  system: text.optional(),
  code: text.optional(),
})
export const money = z.object({ value: z.number().optional(), currency: text.optional() })
export const range = z.object({ low: quantity.optional(), high: quantity.optional() })
export const ratio = z.object({ numerator: quantity.optional(), denominator: quantity.optional() })
export const sampledData = z.object({
  origin: quantity,
  period: z.number(),
  dimensions: z.int(),
  data: text.optional(),
})
export const humanName = z.object({
  use: code.optional(),
  text: text.optional(),
  family: text.optional(),
  given: texts.optional(),
  prefix: texts.optional(),
  suffix: texts.optional(),
  period: period.optional(),
})
export const contactPoint = z.object({
  system: code.optional(),
  value: text.optional(),
  use: code.optional(),
  rank: positiveInteger.optional(),
  period: period.optional(),
})
export const address = z.object({
  use: code.optional(),
  text: text.optional(),
  line: texts.optional(),
  city: text.optional(),
  district: text.optional(),
  state: text.optional(),
  postalCode: text.optional(),
  country: text.optional(),
  period: period.optional(),
})
export const annotation = z.object({ text: text.optional() })
export const attachment = z.object({
  contentType: text.optional(),
  data: base64.optional(),
  url: text.optional(),
  title: text.optional(),
  creation: dateTime.optional(),
})
const timingRepeat = z.object({
  boundsPeriod: period.optional(),
  boundsDuration: quantity.optional(),
  count: z.number().optional(),
  frequency: z.number().optional(),
  frequencyMax: z.number().optional(),
  period: z.number().optional(),
  periodMax: z.number().optional(),
  periodUnit: code.optional(),
  dayOfWeek: texts.optional(),
  timeOfDay: texts.optional(),
  when: texts.optional(),
})
export const dosage = z.object({
  sequence: z.int().optional(),
  text: text.optional(),
  additionalInstruction: z.array(codeableConcept).optional(),
  patientInstruction: text.optional(),
  timing: z.object({ repeat: timingRepeat.optional(), code: codeableConcept.optional() }).optional(),
  asNeededBoolean: z.boolean().optional(),
  asNeededCodeableConcept: codeableConcept.optional(),
  site: codeableConcept.optional(),
  route: codeableConcept.optional(),
  method: codeableConcept.optional(),
  doseAndRate: z
    .array(z.object({ doseQuantity: quantity.optional(), doseRange: range.optional() }))
    .optional(),
})

const innerExtension = z.object({
  url: text.optional(),
  valueCoding: coding.optional(),
  valueCodeableConcept: codeableConcept.optional(),
  valueString: text.optional(),
  valueCode: text.optional(),
})
export const extension = innerExtension.extend({ extension: z.array(innerExtension).optional() })

export type CodeableConcept = z.infer<typeof codeableConcept>
export type Coding = z.infer<typeof coding>
export type Reference = z.infer<typeof reference>
export type Quantity = z.infer<typeof quantity>
export type Range = z.infer<typeof range>
export type Ratio = z.infer<typeof ratio>
export type Period = z.infer<typeof period>
export type Identifier = z.infer<typeof identifier>
export type HumanName = z.infer<typeof humanName>
export type ContactPoint = z.infer<typeof contactPoint>
export type Address = z.infer<typeof address>
export type Annotation = z.infer<typeof annotation>
export type Attachment = z.infer<typeof attachment>
export type Dosage = z.infer<typeof dosage>
export type Extension = z.infer<typeof extension>
